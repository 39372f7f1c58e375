// Where a kind's latest records are asked for, by whoever shows something of them: all the same, so that it is asked once.

const kShown = 12;

export const kRecentEveryMs = 1_000;

export const recentPath = (kind) => `/api/v1/recent/${encodeURIComponent(kind.name)}?limit=${kShown}`;
