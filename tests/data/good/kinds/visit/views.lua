return {apply = function() end, queries = {}}
