package worker

import (
	"fmt"

	"howdah/php"
)

// calling says how Howdah's functions get into PHP.
type calling int

const (
	notAtAll  calling = iota
	byPreload         // opcache.preload: in every request, at no cost
	byPrepend         // auto_prepend_file: where there is no opcache
)

// howToCall decides it, or says why there will be no host calls.
func (s *ZygoteSpec) howToCall(info *PHPInfo) (calling, string) {
	if s.PreloadFile == "" {
		return notAtAll, "not asked for"
	}
	if s.NoIni {
		return notAtAll, "PHP was asked to run without ini files (-n)"
	}
	if !info.AtLeast(8, 1) {
		return notAtAll, fmt.Sprintf("PHP %s is older than 8.1", info.Version)
	}
	if s.preloads(info) {
		return byPreload, ""
	}
	if dirs := s.effective(info, "open_basedir"); dirs != "" {
		return notAtAll, "opcache is off and open_basedir keeps PHP from Howdah's file"
	}
	return byPrepend, ""
}

// preloads reports whether opcache will run a preload file.
func (s *ZygoteSpec) preloads(info *PHPInfo) bool {
	return s.opcacheOn(info) && !iniBool(s.effective(info, "opcache.file_cache_only"))
}

func (s *ZygoteSpec) opcacheOn(info *PHPInfo) bool {
	return info.Opcache && iniBool(s.effective(info, "opcache.enable"))
}

// preload puts together the file that defines Howdah's functions, and the settings that make PHP run it. A file that the
// pool or php.ini names in the same place is required from ours.
func (z *Zygote) preload(info *PHPInfo) (text string, settings []Setting, err error) {
	template, err := readPreload(z.spec.PreloadFile)
	if err != nil {
		return "", nil, fmt.Errorf("preload.php: %w", err)
	}
	name := "opcache.preload"
	if z.calling == byPrepend {
		name = "auto_prepend_file"
	}
	after := ""
	if theirs := z.spec.effective(info, name); theirs != "" && theirs != "none" {
		after = "require " + php.Quote(theirs) + ";"
	}
	settings = append(settings, Setting{name, z.file("preload.php")})
	if z.calling == byPreload && z.spec.asRoot() {
		settings = append(settings, Setting{"opcache.preload_user", "root"}) // opcache insists
	}
	return php.Preload(template, z.token, z.spec.ClientSocket, after), settings, nil
}
