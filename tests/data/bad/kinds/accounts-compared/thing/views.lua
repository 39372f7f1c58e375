return {apply = function() end}
