"""Dashboards as Grafana reads them, of panels in rows."""

from dataclasses import dataclass, field

SOURCE = {"type": "prometheus", "uid": "prometheus"}
WIDTH, HEIGHT = 24, 8


@dataclass
class Panel:
    title: str
    queries: dict  # what stands in the legend, and may name labels: {{queue}} -> PromQL
    unit: str = "none"
    kind: str = "timeseries"  # or stat, bargauge, table: as it is now
    what: str = ""
    bad_from: float | None = None  # it is red from there on
    bad_below: float | None = None  # it is red below

    def _thresholds(self):
        limit, colours = self.bad_from, ("green", "red")
        if self.bad_below is not None:
            limit, colours = self.bad_below, ("red", "green")
        steps = [{"color": colours[0], "value": None}]
        return {"mode": "absolute", "steps": steps + ([] if limit is None else [{"color": colours[1], "value": limit}])}

    def _options(self):
        if self.kind == "timeseries":
            return {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
                    "tooltip": {"mode": "multi", "sort": "desc"}}
        if self.kind == "table":
            return {"showHeader": True}
        return {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
                "orientation": "auto" if self.kind == "stat" else "horizontal"}

    def _targets(self):
        now = self.kind != "timeseries"
        return [{"refId": chr(ord("A") + number), "datasource": SOURCE, "expr": expr, "legendFormat": legend,
                 "instant": now, "range": not now, "format": "table" if self.kind == "table" else "time_series"}
                for number, (legend, expr) in enumerate(self.queries.items())]

    def model(self, number, place):
        defaults = {"unit": self.unit, "thresholds": self._thresholds(),
                    "color": {"mode": "palette-classic" if self.kind == "timeseries" else "thresholds"}}
        if self.kind == "timeseries":
            defaults["min"] = 0
        return {"id": number, "type": self.kind, "title": self.title, "description": self.what, "gridPos": place,
                "datasource": SOURCE, "fieldConfig": {"defaults": defaults, "overrides": []}, "options": self._options(),
                "targets": self._targets()}


@dataclass
class Dashboard:
    uid: str
    title: str
    rows: list
    variables: dict = field(default_factory=dict)  # name -> what gives its values; all of them are shown at first

    def _panels(self):
        number = 0
        for y, row in enumerate(self.rows):
            edges = [WIDTH * x // len(row) for x in range(len(row) + 1)]
            for left, right, panel in zip(edges, edges[1:], row, strict=False):
                number += 1
                yield panel.model(number, {"x": left, "y": y * HEIGHT, "w": right - left, "h": HEIGHT})

    def model(self):
        variables = [{"name": name, "label": name, "type": "query", "datasource": SOURCE,
                      "query": {"query": query, "refId": name}, "refresh": 2, "sort": 1, "multi": True,
                      "includeAll": True, "allValue": ".+",
                      "current": {"selected": True, "text": ["All"], "value": ["$__all"]}}
                     for name, query in self.variables.items()]
        return {"uid": self.uid, "title": self.title, "tags": ["comporta"], "editable": False, "schemaVersion": 39,
                "timezone": "browser", "refresh": "10s", "time": {"from": "now-1h", "to": "now"},
                "links": [{"title": "Comporta", "type": "dashboards", "tags": ["comporta"], "asDropdown": False,
                           "includeVars": False, "keepTime": True}],
                "templating": {"list": variables}, "panels": list(self._panels())}
