package worker

// Side reports whether the zygote is for requests that bring settings along.
func (z *Zygote) Side() bool { return z.spec.side }

// PoweredBy is the X-Powered-By header that this PHP sends, "PHP/8.2.36"; "" if expose_php is off.
func (z *Zygote) PoweredBy() string {
	if !iniBool(z.spec.effective(z.info, "expose_php")) {
		return ""
	}
	return "PHP/" + z.info.Version
}

// AtLeast reports whether this PHP's version is major.minor or later.
func (z *Zygote) AtLeast(major, minor int) bool { return z.info.AtLeast(major, minor) }
