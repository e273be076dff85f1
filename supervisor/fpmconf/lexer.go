package fpmconf

import "strings"

// A token of zend_ini_scanner.l in its normal mode.
type token struct {
	kind tokenKind
	text string
	op   byte // of an opToken
}

type tokenKind int

const (
	endToken tokenKind = iota
	sectionToken
	labelToken
	offsetToken
	constantToken
	numberToken
	stringToken
	rawToken
	whitespaceToken
	dollarCurlyToken
	varNameToken
	quotedToken
	trueToken
	falseToken
	nullToken
	lineToken
	opToken // one character
)

// String is the name that the parser's messages give it.
func (t token) String() string {
	switch t.kind {
	case opToken:
		return "'" + string(t.op) + "'"
	case endToken:
		return "end of file"
	}
	return [...]string{
		sectionToken: "TC_SECTION", labelToken: "TC_LABEL", offsetToken: "TC_OFFSET", constantToken: "TC_CONSTANT",
		numberToken: "TC_NUMBER", stringToken: "TC_STRING", rawToken: "TC_RAW", whitespaceToken: "TC_WHITESPACE",
		dollarCurlyToken: "TC_DOLLAR_CURLY", varNameToken: "TC_VARNAME", quotedToken: "TC_QUOTED_STRING",
		trueToken: "BOOL_TRUE", falseToken: "BOOL_FALSE", nullToken: "NULL_NULL", lineToken: "END_OF_LINE",
	}[t.kind]
}

// The states of the scanner.
type lexState int

const (
	inLine    lexState = iota // INITIAL
	inSection                 // ST_SECTION_VALUE
	inOffset                  // ST_OFFSET
	inValue                   // ST_VALUE
	inQuotes                  // ST_DOUBLE_QUOTES
	inName                    // ST_VARNAME
)

// lexer cuts one line into tokens. As in re2c the longest rule wins, and the first of those of one length.
type lexer struct {
	text  string
	pos   int
	state lexState
	outer []lexState // the states that quotes and ${ came from
}

func (l *lexer) push(s lexState) {
	l.outer = append(l.outer, l.state)
	l.state = s
}

func (l *lexer) pop() {
	l.state = l.outer[len(l.outer)-1]
	l.outer = l.outer[:len(l.outer)-1]
}

// next returns the next token. After endToken it moves no more.
func (l *lexer) next() token {
	if l.pos >= len(l.text) {
		return token{kind: endToken}
	}
	switch l.state {
	case inLine:
		return l.line()
	case inValue:
		return l.value()
	case inQuotes:
		return l.quotes()
	case inName:
		return l.name()
	}
	return l.bracket()
}

// end is what the scanner says to a character that no rule takes: nothing more comes.
func (l *lexer) end() token {
	l.pos = len(l.text)
	return token{kind: endToken}
}

// take moves over n bytes and returns them.
func (l *lexer) take(n int) string {
	s := l.text[l.pos : l.pos+n]
	l.pos += n
	return s
}

func (l *lexer) operator(n int, op byte) token {
	l.pos += n
	return token{kind: opToken, op: op}
}

// line is INITIAL: the start of a statement.
func (l *lexer) line() token {
	rest := l.text[l.pos:]
	label := span(rest, isLabel)
	blank := span(rest, isBlank)
	newline := lineEnd(rest[blank:])
	comment := commentEnd(rest[blank:])
	equals := 0
	if blank < len(rest) && rest[blank] == '=' {
		equals = blank + 1 + span(rest[blank+1:], isBlank)
	}
	switch {
	case rest[0] == '[':
		l.pos++
		l.state = inSection
		return token{kind: sectionToken}
	case equals > label:
		l.state = inValue
		return l.operator(equals, '=')
	case newline > 0 && blank+newline > label:
		l.pos += blank + newline
		return token{kind: lineToken}
	case comment > 0 && blank+comment > label:
		l.pos += blank + comment
		return token{kind: lineToken}
	case label > 0 && label < len(rest) && rest[label] == '[':
		text := l.take(label + 1)
		l.pos += span(l.text[l.pos:], isBlank)
		l.state = inOffset
		return token{kind: offsetToken, text: strings.Trim(text[:label], " \t")}
	}
	if t, n := wordToken(rest); n > 0 && n >= label {
		l.pos += n
		return t
	}
	if label > 0 && label >= blank {
		return token{kind: labelToken, text: strings.Trim(l.take(label), " \t")}
	}
	if blank > 0 {
		l.pos += blank
		return l.next()
	}
	if strings.IndexByte(`:,.[]"'()&|^+-/*=%$!~<>?@{}`, rest[0]) >= 0 {
		return l.operator(1, rest[0])
	}
	return l.end()
}

// value is ST_VALUE: behind the '='.
func (l *lexer) value() token {
	rest := l.text[l.pos:]
	blank := span(rest, isBlank)
	after := rest[blank:]
	if n := lineEnd(after); n > 0 {
		l.pos += blank + n
		l.state = inLine
		return token{kind: lineToken}
	}
	if n := commentEnd(after); n > 0 {
		l.pos += blank + n
		l.state = inLine
		return token{kind: lineToken}
	}
	if strings.HasPrefix(after, `"`) {
		l.pos += blank + 1
		l.push(inQuotes)
		return token{kind: opToken, op: '"'}
	}
	if blank > 0 {
		return token{kind: whitespaceToken, text: l.take(blank)}
	}
	switch rest[0] {
	case '\'':
		if strings.HasPrefix(rest, "''") { // no rule takes it: the value ends here
			l.pos++
			l.state = inLine
			return token{kind: lineToken}
		}
		return l.raw()
	case '&', '|', '^', '~', '(', ')', '!':
		return l.operator(1+span(rest[1:], isBlank), rest[0])
	case '=':
		return l.operator(1, '=')
	}
	if strings.HasPrefix(rest, "${") {
		l.pos += 2
		l.push(inName)
		return token{kind: dollarCurlyToken}
	}
	plain := runOf(rest, isValue)
	if t, n := wordToken(rest); n > 0 && n >= plain {
		l.pos += n
		return t
	}
	if plain == 0 {
		return l.end()
	}
	return l.literal(plain)
}

// bracket is ST_SECTION_VALUE and ST_OFFSET: between [ and ].
func (l *lexer) bracket() token {
	rest := l.text[l.pos:]
	blank := span(rest, isBlank)
	after := rest[blank:]
	switch {
	case l.state == inOffset && strings.HasPrefix(after, "]"):
		l.state = inLine
		return l.operator(blank+1, ']')
	case l.state == inSection && rest[0] == ']':
		n := 1 + span(rest[1:], isBlank)
		n += lineEnd(rest[n:])
		l.state = inLine
		return l.operator(n, ']')
	case strings.HasPrefix(after, `"`):
		l.pos += blank + 1
		l.push(inQuotes)
		return token{kind: opToken, op: '"'}
	case rest[0] == '\'':
		if strings.HasPrefix(rest, "''") {
			return l.end()
		}
		return l.raw()
	case strings.HasPrefix(rest, "${"):
		l.pos += 2
		l.push(inName)
		return token{kind: dollarCurlyToken}
	}
	if n := runOf(rest, isBracketed); n > 0 {
		return l.literal(n)
	}
	return l.end()
}

// literal takes n bytes as a constant, a number or a string, whichever they look like.
func (l *lexer) literal(n int) token {
	text := l.take(n)
	switch {
	case isConstant(text):
		return token{kind: constantToken, text: text}
	case isNumber(text):
		return token{kind: numberToken, text: text}
	}
	return token{kind: stringToken, text: text}
}

// raw takes what stands in single quotes. One that is never closed ends everything.
func (l *lexer) raw() token {
	n := strings.IndexByte(l.text[l.pos+1:], '\'')
	if n < 0 {
		return l.end()
	}
	quoted := l.take(n + 2)
	return token{kind: rawToken, text: quoted[1 : n+1]}
}

// quotes is ST_DOUBLE_QUOTES.
func (l *lexer) quotes() token {
	rest := l.text[l.pos:]
	if rest[0] == '"' {
		l.pop()
		return l.operator(1+span(rest[1:], isBlank), '"')
	}
	if strings.HasPrefix(rest, "${") {
		l.pos += 2
		l.push(inName)
		return token{kind: dollarCurlyToken}
	}
	return token{kind: quotedToken, text: unescape(l.take(quotedEnd(rest)))}
}

// quotedEnd is where text in double quotes ends: at the quote that closes it or at a ${.
func quotedEnd(s string) int {
	i := 1 // the first is taken in any case
	if s[0] == '\\' && len(s) > 1 && s[1] != '"' {
		i = 2
	}
	for ; i < len(s); i++ {
		switch s[i] {
		case '"':
			escaped := s[i-1] == '\\' && i+1 < len(s) && s[i+1] != '\r' && s[i+1] != '\n'
			if !escaped {
				return i
			}
		case '$':
			if strings.HasPrefix(s[i:], "${") {
				return i
			}
		case '\\':
			if i+1 < len(s) && s[i+1] != '"' {
				i++
			}
		}
	}
	return len(s)
}

// unescape is zend_ini_escape_string: \" \\ and \$ lose their backslash, other escapes keep it.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(`"\$`, s[i+1]) >= 0 {
			i++
		} else if s[i] == '\\' && i+1 < len(s) {
			b.WriteByte(s[i])
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// name is ST_VARNAME: within ${ }.
func (l *lexer) name() token {
	rest := l.text[l.pos:]
	if rest[0] == '}' {
		l.pop()
		return l.operator(1, '}')
	}
	if n := span(rest, isLabel); n > 0 {
		return token{kind: varNameToken, text: strings.Trim(l.take(n), " \t")}
	}
	return l.end()
}
