return {apply = function() end, queries = {list = function() return {} end}}
