package config

func phpKeys() []key[Pool] {
	return []key[Pool]{
		{
			name: "php_binary", def: `"php-cgi"`, sample: `"/usr/bin/php-cgi8.2"`,
			doc:   "The php-cgi that runs the pool: a path, or a name that is looked up in PATH.",
			field: in(func(p *Pool) *string { return &p.PHPBinary }, program()),
		}, {
			name: "php_ini", auto: "PHP's own", sample: `"/etc/php/8.2/fpm/php.ini"`,
			doc:   "The php.ini to read.",
			field: in(func(p *Pool) *string { return &p.PHPIni }, existing()),
		}, {
			name: "php_ini_scan_dir", auto: "PHP's own", sample: `"/etc/php/8.2/fpm/conf.d"`,
			doc:   "The directory of further ini files to read in place of PHP's own; several with ':' between.",
			field: in(func(p *Pool) *string { return &p.PHPIniScanDir }, directories()),
		}, {
			name: "chdir", fpm: "chdir", def: `"/"`, sample: `"/var/www"`,
			doc:   "The directory that workers start in; PHP goes to that of the script.",
			field: in(func(p *Pool) *string { return &p.Chdir }, directory()),
		}, {
			name: "security_limit_extensions", fpm: "security.limit_extensions", def: `[".php", ".phar"]`, sample: `[".php"]`,
			doc:   "Endings of the files that PHP may run; others are answered 403. [] = all.",
			field: in(func(p *Pool) *[]string { return &p.SecurityLimitExtensions }, extensions()),
		}, {
			name: "clear_env", fpm: "clear_env", def: "true", sample: "false",
			doc:   "Workers get only the variables of env, not Howdah's environment.",
			field: in(func(p *Pool) *bool { return &p.ClearEnv }, toggle()),
		}, {
			name: "env", fpm: "env[]", def: "{}", sample: `{ APP_ENV = "production", PATH = "$PATH" }`,
			doc:   "Environment variables for PHP; $NAME copies one of Howdah's own.",
			field: environment(func(p *Pool) *[]Setting { return &p.Env }),
		}, {
			name: "php_value", fpm: "php_value[]", def: "{}", sample: `{ memory_limit = "256M", session.gc_maxlifetime = 7200 }`,
			doc:   "PHP settings, as in php.ini; scripts may change them.",
			field: iniValues(func(p *Pool) *[]Setting { return &p.PHPValue }),
		}, {
			name: "php_flag", fpm: "php_flag[]", def: "{}", sample: `{ display_errors = false }`,
			doc:   "PHP settings that are true or false; scripts may change them.",
			field: iniFlags(func(p *Pool) *[]Setting { return &p.PHPFlag }),
		}, {
			name: "php_admin_value", fpm: "php_admin_value[]", def: "{}", sample: `{ open_basedir = "/var/www:/tmp" }`,
			doc:   "PHP settings that neither a script nor a .user.ini can change.",
			field: iniValues(func(p *Pool) *[]Setting { return &p.PHPAdminValue }),
		}, {
			name: "php_admin_flag", fpm: "php_admin_flag[]", def: "{}", sample: `{ log_errors = true }`,
			doc:   "Settings that are true or false and that neither a script nor a .user.ini can change.",
			field: iniFlags(func(p *Pool) *[]Setting { return &p.PHPAdminFlag }),
		}, {
			name: "php_value_sets", def: "16", sample: "4",
			doc:   "Different sets of PHP_VALUE and PHP_ADMIN_VALUE from nginx that have a php-cgi of their own at once; the least recently used ends.",
			field: in(func(p *Pool) *int { return &p.PHPValueSets }, whole(1, 1000)),
		},
	}
}
