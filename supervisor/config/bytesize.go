package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ByteSize is a number of bytes, written in pool.toml as "512B", "256K", "1M", "2G": powers of 1024, as in php.ini.
type ByteSize int64

const (
	KiB ByteSize = 1 << 10
	MiB ByteSize = 1 << 20
	GiB ByteSize = 1 << 30
)

// parseByteSize reads "256K". A plain "0" needs no unit.
func parseByteSize(text string) (ByteSize, error) {
	digits := strings.TrimRight(text, "BKMGbkmg")
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil {
		return 0, fmt.Errorf("%q is not a size", text)
	}
	var unit ByteSize
	switch strings.ToUpper(text[len(digits):]) {
	case "B":
		unit = 1
	case "K":
		unit = KiB
	case "M":
		unit = MiB
	case "G":
		unit = GiB
	case "":
		if n != 0 {
			return 0, fmt.Errorf("%q has no unit", text)
		}
	default:
		return 0, fmt.Errorf("%q is not a size", text)
	}
	if unit > 1 && n > uint64(math.MaxInt64/int64(unit)) {
		return 0, fmt.Errorf("%q is too large", text)
	}
	return ByteSize(n) * unit, nil
}

// String writes b with the largest unit that needs no fraction.
func (b ByteSize) String() string {
	switch {
	case b != 0 && b%GiB == 0:
		return strconv.FormatInt(int64(b/GiB), 10) + "G"
	case b != 0 && b%MiB == 0:
		return strconv.FormatInt(int64(b/MiB), 10) + "M"
	case b != 0 && b%KiB == 0:
		return strconv.FormatInt(int64(b/KiB), 10) + "K"
	}
	return strconv.FormatInt(int64(b), 10) + "B"
}
