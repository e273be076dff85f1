package fpmconf

// str is the value of a text directive: what php-fpm made of it, what was given, or the default.
func (s *section) str(name string) string {
	if v, ok := s.derived[name]; ok {
		return v.text
	}
	if v, ok := s.given[name]; ok {
		return v.text
	}
	d, _ := lookUp(s.directives(), name)
	return d.text
}

// num is str of the other directives.
func (s *section) num(name string) int {
	if v, ok := s.derived[name]; ok {
		return v.num
	}
	if v, ok := s.given[name]; ok {
		return v.num
	}
	d, _ := lookUp(s.directives(), name)
	return d.num
}

func (s *section) directives() []directive {
	if s.name == "" && s.at == (place{}) {
		return globalDirectives
	}
	return poolDirectives
}

// has reports whether a text directive was given, empty or not; set whether it is more than that.
func (s *section) has(name string) bool { _, ok := s.given[name]; return ok }
func (s *section) set(name string) bool { return s.str(name) != "" }

// sound reports whether no problem with the directive is known.
func (s *section) sound(names ...string) bool {
	for _, name := range names {
		if s.given[name].wrong {
			return false
		}
	}
	return true
}

// spoil notes that there is a problem with the directive.
func (s *section) spoil(name string) {
	v := s.given[name]
	v.wrong = true
	s.given[name] = v
}

// where is the place of a directive, or of the section if it was not given.
func (s *section) where(name string) place {
	if v, ok := s.given[name]; ok && v.at.file != "" {
		return v.at
	}
	return s.at
}

// derive notes what php-fpm makes of a directive.
func (s *section) derive(name string, v value) {
	v.at = s.where(name)
	s.derived[name] = v
}
