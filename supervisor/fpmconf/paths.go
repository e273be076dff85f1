package fpmconf

import (
	"strings"
)

// What Debian and most others build php-fpm with (PHP_PREFIX, PHP_LOCALSTATEDIR).
const (
	phpPrefix     = "/usr"
	phpLocalState = "/var"
)

// absolute is fpm_evaluate_full_path: a relative path is below the prefix of the pool, else of the command line, else below def.
func (l *loader) absolute(path string, pool *section, def string) string {
	if strings.HasPrefix(path, "/") {
		return path
	}
	prefix := def
	if l.o.Prefix != "" {
		prefix = l.o.Prefix
	}
	if pool != nil && pool.has("prefix") {
		prefix = pool.str("prefix")
	}
	path = prefix + "/" + path
	if pool != nil {
		return l.absolute(path, nil, def)
	}
	return path
}

// place makes the path of a pool's directive absolute.
func (l *loader) place(p *section, name string) {
	p.derive(name, value{text: l.absolute(p.str(name), p, phpPrefix)})
}

// isDir is fpm_conf_is_dir.
func (l *loader) isDir(path string) bool {
	f, err := l.o.System.Stat(path)
	return err == nil && f.Dir
}

// iniPaths are the PHP settings whose value is a path, relative to the prefix (FPM_PHP_INI_TO_EXPAND).
var iniPaths = []string{
	"error_log", "extension_dir", "mime_magic.magicfile", "sendmail_path", "session.cookie_path", "session_pgsql.sem_file_name",
	"soap.wsdl_cache_dir", "uploadprogress.file.filename_template", "xdebug.output_dir", "xdebug.profiler_output_dir",
	"xdebug.trace_output_dir", "xmms.path", "axis2.client_home", "blenc.key_file", "coin_acceptor.device",
}

// placeSettings makes the paths among a pool's PHP settings absolute.
func (l *loader) placeSettings(p *section) {
	if p.has("chroot") {
		return
	}
	for _, list := range []string{"php_value", "php_admin_value"} {
		for i := range p.arrays[list] {
			s := &p.arrays[list][i]
			if list == "php_admin_value" && strings.EqualFold(s.key, "error_log") && strings.EqualFold(s.value, "syslog") {
				continue
			}
			for _, name := range iniPaths {
				if strings.EqualFold(s.key, name) {
					s.value = l.absolute(s.value, p, phpPrefix)
				}
			}
		}
	}
}
