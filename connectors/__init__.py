"""The outside world: a folder for each platform; deleting one removes it entirely."""
