package fpmconf

import "strings"

// A value is what a directive has been given.
type value struct {
	at    place
	text  string // of a text; a word in lower case of level, facility and manager
	num   int    // of everything else; a boolean is 0 or 1
	wrong bool   // there is a problem with it
}

// read is the parser of the directive's form (fpm_conf_set_*). fault is php-fpm's word for what is wrong, or "".
func (d directive) read(raw string) (v value, fault string) {
	switch d.form {
	case integerForm:
		return readInteger(raw)
	case secondsForm:
		return readSeconds(raw)
	case booleanForm:
		return readBoolean(raw)
	case coreForm:
		if strings.EqualFold(raw, "unlimited") {
			return value{num: -1}, ""
		}
		if v, fault = readInteger(raw); fault == "" && v.num < 0 {
			fault = "must be greater than zero or 'unlimited'"
		}
		return v, fault
	case levelForm:
		v.text = strings.ToLower(raw)
		if levels[v.text] == "" {
			return v, "invalid value for 'log_level'"
		}
		if v.text == "warn" {
			v.text = "warning"
		}
	case facilityForm:
		v.text = strings.ToLower(raw)
		n, ok := facilities[v.text]
		if !ok {
			return v, "invalid value"
		}
		v.num = n
	case managerForm:
		v.text = strings.ToLower(raw)
		if v.text != "static" && v.text != "dynamic" && v.text != "ondemand" {
			return v, "invalid process manager (static, dynamic or ondemand)"
		}
	default:
		v.text = raw
	}
	return v, ""
}

func readInteger(raw string) (value, string) {
	if digits := strings.TrimPrefix(raw, "-"); digits != "" && !isDigits(digits) {
		return value{}, "is not a valid number (greater or equal than zero)"
	}
	return value{num: int(atoi(raw))}, ""
}

func readSeconds(raw string) (value, string) {
	if raw == "" {
		return value{}, "invalid time value"
	}
	digits, unit := raw[:len(raw)-1], 1
	switch raw[len(raw)-1] {
	case 's':
	case 'm':
		unit = 60
	case 'h':
		unit = 60 * 60
	case 'd':
		unit = 24 * 60 * 60
	default:
		if !isDigits(raw[len(raw)-1:]) {
			return value{}, "unknown suffix used in time value"
		}
		digits = raw
	}
	return value{num: int(atoi(digits)) * unit}, ""
}

// readBoolean takes what the ini parser makes of yes, on, true, and of no, off, false, none, null, and 0, which 8.2 takes too.
func readBoolean(raw string) (value, string) {
	switch raw {
	case "1":
		return value{num: 1}, ""
	case "", "0":
		return value{}, ""
	}
	return value{}, "invalid boolean value"
}
