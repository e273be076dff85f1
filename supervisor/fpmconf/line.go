package fpmconf

import (
	"strconv"
	"strings"
)

// A statement is what the parser tells php-fpm about a line.
type statement struct {
	kind  statementKind
	name  string // of the section or the directive
	key   string // of an arrayStatement
	value string
}

type statementKind int

const (
	sectionStatement statementKind = iota // [name]
	entryStatement                        // name = value
	bareStatement                         // name, and no value
	arrayStatement                        // name[key] = value
)

// scope is where ${NAME} and constants get their values from.
type scope struct {
	lookup  func(name string) (string, bool) // of ${NAME}
	unknown func(constant string)            // told of a constant of PHP whose value isn't known here
}

// parseLine is zend_parse_ini_string on one line, which ends with a newline. The statements before a syntax error count; broken is
// what the parser says of it, or "".
func parseLine(text string, sc scope) (statements []statement, broken string) {
	if nul := strings.IndexByte(text, 0); nul >= 0 { // a C string ends there
		text = text[:nul]
	}
	p := &parser{lex: lexer{text: text}, scope: sc}
	p.advance()
	for p.broken == "" && p.tok.kind != endToken {
		p.statement()
	}
	return p.statements, p.broken
}

// parser is the grammar of zend_ini_parser.y by recursive descent.
type parser struct {
	lex        lexer
	tok        token // the one to look at
	scope      scope
	depth      int
	statements []statement
	broken     string
}

// maxDepth bounds parentheses and signs, as the parser's stack does (YYMAXDEPTH, yacc's "memory exhausted").
const maxDepth = 5000

func (p *parser) advance() { p.tok = p.lex.next() }

func (p *parser) is(op byte) bool { return p.tok.kind == opToken && p.tok.op == op }

// want moves over op, or notes that something else stands there.
func (p *parser) want(op byte) bool {
	if !p.is(op) {
		p.unexpected()
		return false
	}
	p.advance()
	return true
}

func (p *parser) unexpected() {
	if p.broken == "" {
		p.broken = "syntax error, unexpected " + p.tok.String()
	}
}

func (p *parser) statement() {
	switch first := p.tok; first.kind {
	case lineToken:
		p.advance()
	case sectionToken:
		p.advance()
		name := p.strings(false)
		if p.want(']') {
			p.statements = append(p.statements, statement{kind: sectionStatement, name: name})
		}
	case labelToken:
		p.advance()
		if !p.is('=') {
			p.statements = append(p.statements, statement{kind: bareStatement, name: first.text})
			return
		}
		p.advance()
		if value, ok := p.value(); ok {
			p.statements = append(p.statements, statement{kind: entryStatement, name: first.text, value: value})
		}
	case offsetToken:
		p.advance()
		key := p.strings(true)
		if !p.want(']') || !p.want('=') {
			return
		}
		if value, ok := p.value(); ok {
			p.statements = append(p.statements, statement{kind: arrayStatement, name: first.text, key: key, value: value})
		}
	default:
		p.unexpected()
	}
}

// value is string_or_value.
func (p *parser) value() (string, bool) {
	switch p.tok.kind {
	case trueToken, falseToken, nullToken, lineToken:
		text := p.tok.text
		p.advance()
		return text, true
	}
	return p.expression(), p.broken == ""
}

// expression is expr: | & ^ bind alike and to the left, ~ and ! more strongly.
func (p *parser) expression() string {
	left := p.operand()
	for p.broken == "" && (p.is('|') || p.is('&') || p.is('^')) {
		op := p.tok.op
		p.advance()
		right := p.operand()
		left = operate(op, left, right)
	}
	return left
}

func (p *parser) operand() string {
	if p.depth++; p.depth > maxDepth {
		p.broken = "memory exhausted"
		return ""
	}
	defer func() { p.depth-- }()
	switch {
	case p.is('~'), p.is('!'):
		op := p.tok.op
		p.advance()
		return operate(op, p.operand(), "")
	case p.is('('):
		p.advance()
		inner := p.expression()
		p.want(')')
		return inner
	case p.startsString():
		return p.strings(true)
	}
	p.unexpected()
	return ""
}

// operate is zend_ini_do_op: on C ints.
func operate(op byte, left, right string) string {
	a, b := atoi(left), atoi(right)
	switch op {
	case '|':
		a |= b
	case '&':
		a &= b
	case '^':
		a ^= b
	case '~':
		a = ^a
	case '!':
		if a == 0 {
			return "1"
		}
		return "0"
	}
	return strconv.Itoa(int(a))
}

func (p *parser) startsString() bool {
	switch p.tok.kind {
	case constantToken, numberToken, stringToken, rawToken, whitespaceToken, dollarCurlyToken:
		return true
	}
	return p.is('"')
}

// strings is var_string_list, or var_string_list_section if constants are only words. It may be empty.
func (p *parser) strings(constants bool) string {
	var b strings.Builder
	for p.broken == "" && p.startsString() {
		switch t := p.tok; {
		case t.kind == dollarCurlyToken:
			b.WriteString(p.variable())
			continue
		case p.is('"'):
			b.WriteString(p.quoted())
			continue
		case t.kind == constantToken && constants:
			b.WriteString(p.constant(t.text))
		default:
			b.WriteString(t.text)
		}
		p.advance()
	}
	return b.String()
}

// quoted is '"' encapsed_list '"'.
func (p *parser) quoted() string {
	var b strings.Builder
	for p.advance(); p.broken == "" && !p.is('"'); {
		switch p.tok.kind {
		case quotedToken:
			b.WriteString(p.tok.text)
			p.advance()
		case dollarCurlyToken:
			b.WriteString(p.variable())
		default:
			p.unexpected()
		}
	}
	if p.broken == "" {
		p.advance()
	}
	return b.String()
}

// variable is cfg_var_ref: ${NAME}; one that is not set is empty.
func (p *parser) variable() string {
	p.advance()
	name := p.tok.text
	if p.tok.kind != varNameToken {
		p.unexpected()
		return ""
	}
	p.advance()
	if !p.want('}') {
		return ""
	}
	text, _ := p.scope.lookup(name)
	return text
}
