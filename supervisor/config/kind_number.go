package config

import (
	"fmt"
	"strconv"
)

// whole is a whole number from low to high.
func whole(low, high int) kind[int] {
	return kind[int]{
		word: "number",
		read: func(_ System, raw any) (int, error) {
			n, ok := raw.(int64)
			if !ok {
				return 0, wrongType(raw, "a whole number", unquoted(raw))
			}
			if n < int64(low) {
				return 0, &fault{fmt.Sprintf("%d is less than %d", n, low), ""}
			}
			if n > int64(high) {
				return 0, &fault{fmt.Sprintf("%d is more than %d", n, high), ""}
			}
			return int(n), nil
		},
		write: strconv.Itoa,
	}
}

// unquoted hints at a number that stands in quotes.
func unquoted(raw any) string {
	if s, ok := raw.(string); ok {
		if _, err := strconv.Atoi(s); err == nil {
			return write(s + " without quotes")
		}
	}
	return ""
}

// nice is a process priority; nil leaves it as it is.
func nice() kind[*int] {
	number := whole(-20, 19)
	return kind[*int]{
		word: "number",
		read: func(s System, raw any) (*int, error) {
			n, err := number.read(s, raw)
			return &n, err
		},
		write: func(n *int) string {
			if n == nil {
				return ""
			}
			return strconv.Itoa(*n)
		},
	}
}

// rlimit is a resource limit; nil (written 0, as in php-fpm) leaves it as it is.
func rlimit() kind[*uint64] {
	return kind[*uint64]{
		word: `number or "unlimited"`,
		read: func(_ System, raw any) (*uint64, error) {
			n, ok := raw.(int64)
			limit := uint64(n)
			switch {
			case raw == "unlimited":
				limit = Unlimited
			case !ok:
				return nil, wrongType(raw, `a whole number or "unlimited"`, unquoted(raw))
			case n < 0:
				return nil, &fault{fmt.Sprintf("%d is less than 0", n), ""}
			case n == 0:
				return nil, nil
			}
			return &limit, nil
		},
		write: func(n *uint64) string {
			switch {
			case n == nil:
				return "0"
			case *n == Unlimited:
				return `"unlimited"`
			}
			return strconv.FormatUint(*n, 10)
		},
	}
}
