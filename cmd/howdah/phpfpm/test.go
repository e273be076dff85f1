package phpfpm

import (
	"errors"
	"fmt"
	"io"
	"os"

	"howdah/supervisor"
	"howdah/supervisor/config"
)

// test is -t: php-fpm's lines on stderr and in error_log. It looks at the PHP too, without which nothing would start.
func (p *Program) test(a *arguments) int {
	loaded, err := p.load(a)
	var no *refusal
	if errors.As(err, &no) {
		return p.refuse(no)
	}
	l, err := p.newLines(loaded.Config.Global.ErrorLog)
	if err != nil {
		p.say(func(l *lines) { l.Error(err.Error()); l.Error(failed) })
		return exitConfig
	}
	l.remarks(loaded)
	if a.dump {
		for _, text := range loaded.Dump() {
			l.Info(text)
		}
	}
	err = p.Check(supervisor.Options{ConfigFile: loaded.Path, Load: func(string) (*config.Config, error) { return loaded.Config, nil }}, io.Discard)
	if err != nil {
		l.Error(err.Error())
		l.Error(failed)
		l.close()
		return p.ExitCode(err)
	}
	l.Info(fmt.Sprintf("configuration file %s test is successful", loaded.Path))
	l.close()
	p.blankLine(loaded.Config.Global.ErrorLog)
	return exitOK
}

// blankLine ends the answer, as the newline in php-fpm's message does.
func (p *Program) blankLine(errorLog string) {
	fmt.Fprintln(p.Stderr)
	f, err := os.OpenFile(errorLog, os.O_WRONLY|os.O_APPEND, 0) // syslog and stderr are no files
	if err != nil {
		return
	}
	fmt.Fprintln(f)
	f.Close()
}
