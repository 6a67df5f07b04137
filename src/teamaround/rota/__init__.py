"""Who works where and when: closures, the hours of sites, school terms."""
