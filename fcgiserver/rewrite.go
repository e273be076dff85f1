package fcgiserver

import "bytes"

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
)

// splitPathInfo gives the variables the values that php-fpm's init_request_info gives them when SCRIPT_FILENAME, which is
// full, turned out to be the script file followed by path info. As there, the part of SCRIPT_FILENAME behind the script says
// how much of PATH_INFO is path info and how much belongs to SCRIPT_NAME.
func (p *params) splitPathInfo(full, file []byte, apache bool) {
	origPathInfo, hasPathInfo := p.get(pathInfo)
	origScriptName, hasScriptName := p.get(scriptName)
	origScriptFilename, _ := p.get(scriptFilename)
	origTranslated, hasTranslated := p.get(pathTranslated)
	behind := full[len(file):]
	envPathInfo := origPathInfo

	switch {
	case apache: // Apache gives no PATH_INFO: it is what stands behind the script
		if len(behind) > 0 && (!hasPathInfo || !bytes.Equal(origPathInfo, behind)) {
			if hasPathInfo {
				p.set(nameOrigPathInfo, origPathInfo)
			} else if hasScriptName && bytes.HasSuffix(origScriptName, behind) {
				p.set(nameOrigScriptName, origScriptName)
				p.set(nameScriptName, origScriptName[:len(origScriptName)-len(behind)])
			}
			p.set(namePathInfo, behind)
			envPathInfo = behind
		}
	case len(origPathInfo) > len(behind): // PATH_INFO holds the script's name too
		cut := len(origPathInfo) - len(behind)
		p.set(nameOrigPathInfo, origPathInfo)
		name := origPathInfo[:cut]
		if !hasScriptName || !bytes.Equal(origScriptName, origPathInfo) {
			if hasScriptName {
				p.set(nameOrigScriptName, origScriptName)
			}
		}
		p.set(nameScriptName, name)
		p.set(namePathInfo, origPathInfo[cut:])
		envPathInfo = origPathInfo[cut:]
	}

	if !bytes.Equal(origScriptFilename, file) {
		p.set(nameOrigScriptFilename, origScriptFilename)
		p.set(nameScriptFilename, file)
	}
	if root, ok := p.get(documentRoot); ok {
		root = bytes.TrimSuffix(root, []byte("/"))
		if hasTranslated {
			p.set(nameOrigTranslated, origTranslated)
		}
		p.set(namePathTranslated, append(bytes.Clone(root), envPathInfo...))
	} else if at := bytes.Index(file, p.scriptNameNow()); len(p.scriptNameNow()) > 0 && at >= 0 {
		if hasTranslated {
			p.set(nameOrigTranslated, origTranslated)
		}
		p.set(namePathTranslated, append(bytes.Clone(file[:at]), envPathInfo...))
	}
}

func (p *params) scriptNameNow() []byte {
	v, _ := p.get(scriptName)
	return v
}
