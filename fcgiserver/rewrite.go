package fcgiserver

import (
	"bytes"
	"strconv"
)

var (
	nameScriptFilename     = []byte("SCRIPT_FILENAME")
	nameScriptName         = []byte("SCRIPT_NAME")
	namePathInfo           = []byte("PATH_INFO")
	namePathTranslated     = []byte("PATH_TRANSLATED")
	nameContentLength      = []byte("CONTENT_LENGTH")
	nameOrigScriptFilename = []byte("ORIG_SCRIPT_FILENAME")
	nameOrigScriptName     = []byte("ORIG_SCRIPT_NAME")
	nameOrigPathInfo       = []byte("ORIG_PATH_INFO")
	nameOrigTranslated     = []byte("ORIG_PATH_TRANSLATED")

	// nameRedirectURL is REDIRECT_URL as PHP's code does not find it and PHP's programs do: $_SERVER drops leading spaces.
	nameRedirectURL = []byte(" REDIRECT_URL")
)

// target is what a request names as its script, perhaps with path info behind it.
type target struct {
	name       []byte
	apache     bool // mod_proxy_fcgi put a prefix before it, which is gone
	redirected bool // it is PATH_TRANSLATED: SCRIPT_FILENAME is PHP itself, as mod_actions has it
}

// target returns what php-fpm takes for the script; ok is false if the request names none.
func (p *params) target() (t target, ok bool) {
	translated, hasTranslated := p.get(pathTranslated)
	name, ok := p.get(scriptFilename)
	if !ok {
		return target{name: translated}, hasTranslated
	}
	t.name, t.apache = unproxied(name)
	if _, redirect := p.get(redirectURL); redirect && hasTranslated && !t.apache && !bytes.Equal(translated, t.name) {
		t.name, t.redirected = translated, true
	}
	return t, true
}

// fixPathInfo gives the variables the values that php-fpm's init_request_info gives them with cgi.fix_pathinfo=1, when the
// target has turned out to be the script file, followed by path info or not. php-cgi then finds nothing left to fix; in
// particular it never takes another file for the script than the one that was checked.
func (p *params) fixPathInfo(t target, file []byte) {
	p.fixIIS()
	if behind := t.name[len(file):]; len(behind) > 0 {
		p.splitPathInfo(t, file, behind)
	} else {
		p.setFilename(t, file)
		p.keepPathInfo(t)
	}
	p.hideRedirect()
}

// setFilename makes SCRIPT_FILENAME the script's.
func (p *params) setFilename(t target, file []byte) {
	was, ok := p.get(scriptFilename)
	if t.apache {
		was = t.name
	}
	if ok && !bytes.Equal(was, file) {
		p.set(nameOrigScriptFilename, was)
	}
	p.set(nameScriptFilename, file)
}

// fixIIS takes the script's name off PATH_INFO, where IIS puts it.
func (p *params) fixIIS() {
	info, hasInfo := p.get(pathInfo)
	name, hasName := p.get(scriptName)
	software, _ := p.get(serverSoftware)
	if hasInfo && hasName && bytes.HasPrefix(software, []byte("Microsoft-IIS")) && bytes.HasPrefix(info, name) {
		p.set(nameOrigPathInfo, info)
		if len(info) == len(name) {
			p.remove(pathInfo)
		} else {
			p.set(namePathInfo, info[len(name):])
		}
	}
}

// splitPathInfo is for a target with something behind its file, which says how much of PATH_INFO is path info and how much
// belongs to SCRIPT_NAME.
func (p *params) splitPathInfo(t target, file, behind []byte) {
	info, hasInfo := p.get(pathInfo)
	name, hasName := p.get(scriptName)
	named := false // SCRIPT_NAME is as it shall be
	switch {
	case !t.apache && len(info) > len(behind): // it holds the script's name, too
		p.set(nameOrigPathInfo, info)
		p.rename(info[:len(info)-len(behind)])
		info, named = info[len(info)-len(behind):], true
		p.set(namePathInfo, info)
	case t.apache && hasInfo && !bytes.Equal(info, behind):
		p.set(nameOrigPathInfo, info)
		p.rename(info)
		info, named = behind, true
		p.set(namePathInfo, info)
	case t.apache && !hasInfo: // it stands behind the script, and in SCRIPT_NAME if ProxyPass was used
		for _, tail := range [][]byte{behind, percentDecoded(behind)} {
			if len(name) > len(tail) && bytes.HasSuffix(name, tail) {
				name = name[:len(name)-len(tail)]
				p.rename(name)
				break
			}
		}
		info = behind
		p.set(namePathInfo, info)
	}
	p.setFilename(t, file)

	if t.redirected {
		name, hasName = p.get(redirectURL)
	}
	root, ok := p.get(documentRoot)
	switch {
	case ok:
		p.translate(bytes.TrimSuffix(root, []byte("/")), info)
	case hasName && bytes.Contains(file, name):
		p.translate(file[:len(file)-len(name)], info)
	}
	if t.redirected && !named {
		p.rename(name)
	}
}

// percentDecoded is b with each %41 an A. What is no such code stays.
func percentDecoded(b []byte) []byte {
	if bytes.IndexByte(b, '%') < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '%' && i+2 < len(b) {
			if code, err := strconv.ParseUint(string(b[i+1:i+3]), 16, 8); err == nil {
				out = append(out, byte(code))
				i += 2
				continue
			}
		}
		out = append(out, b[i])
	}
	return out
}

// rename makes SCRIPT_NAME name.
func (p *params) rename(name []byte) {
	was, ok := p.get(scriptName)
	if ok && bytes.Equal(was, name) {
		return
	}
	if ok {
		p.set(nameOrigScriptName, was)
	}
	p.set(nameScriptName, name)
}

// translate makes PATH_TRANSLATED what the path info is below root.
func (p *params) translate(root, info []byte) {
	if was, ok := p.get(pathTranslated); ok {
		p.set(nameOrigTranslated, was)
	}
	p.set(namePathTranslated, append(bytes.Clone(root), info...))
}

// keepPathInfo is for a target that is its file.
func (p *params) keepPathInfo(t target) {
	url, redirect := p.get(redirectURL)
	if !redirect || t.apache {
		return
	}
	if info, ok := p.get(pathInfo); ok {
		p.set(nameOrigPathInfo, info)
		p.remove(pathInfo)
	}
	if translated, ok := p.get(pathTranslated); ok {
		p.set(nameOrigTranslated, translated)
		p.remove(pathTranslated)
	}
	if t.redirected {
		if name, ok := p.get(scriptName); ok {
			p.set(nameOrigScriptName, name)
		}
		p.set(nameScriptName, url)
	}
}

// hideRedirect keeps php-cgi, which knows nothing of mod_proxy_fcgi, from running PATH_TRANSLATED in the script's place, or
// taking PATH_INFO away, on account of a REDIRECT_URL.
func (p *params) hideRedirect() {
	if _, ok := p.get(redirectURL); !ok {
		return
	}
	_, hasInfo := p.get(pathInfo)
	_, hasTranslated := p.get(pathTranslated)
	if hasInfo || hasTranslated {
		p.list[p.known[redirectURL]-1].name = nameRedirectURL
	}
}
