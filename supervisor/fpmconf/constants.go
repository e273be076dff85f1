package fpmconf

import (
	"strconv"
	"strings"
)

// errorLevels are the constants that ini files use (Zend/zend_errors.h).
var errorLevels = map[string]int{
	"E_ERROR": 1, "E_WARNING": 2, "E_PARSE": 4, "E_NOTICE": 8, "E_CORE_ERROR": 16, "E_CORE_WARNING": 32, "E_COMPILE_ERROR": 64,
	"E_COMPILE_WARNING": 128, "E_USER_ERROR": 256, "E_USER_WARNING": 512, "E_USER_NOTICE": 1024, "E_STRICT": 2048,
	"E_RECOVERABLE_ERROR": 4096, "E_DEPRECATED": 8192, "E_USER_DEPRECATED": 16384, "E_ALL": 32767,
}

// constant is zend_ini_get_constant. PHP's other constants depend on its version and extensions: those that look like one are told.
func (p *parser) constant(name string) string {
	if level, ok := errorLevels[name]; ok {
		return strconv.Itoa(level)
	}
	for _, family := range []string{"PHP_", "E_", "M_", "ZEND_"} {
		if strings.HasPrefix(name, family) && name == strings.ToUpper(name) {
			p.scope.unknown(name)
		}
	}
	return name
}

// atoi is atoi(3): the number at the start of s, or 0.
func atoi(s string) int32 {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	end := 0
	if end < len(s) && (s[end] == '-' || s[end] == '+') {
		end++
	}
	for end < len(s) && '0' <= s[end] && s[end] <= '9' {
		end++
	}
	n, _ := strconv.ParseInt(s[:end], 10, 64) // beyond its range the nearest, as strtol does
	return int32(n)
}
