package fcgiserver

// Overrides returns what the request brings along as PHP_VALUE and PHP_ADMIN_VALUE, while the upstream's Submit runs. Over TCP
// they count only from a client that listen.allowed_clients names: whoever may set them may have any file of the workers' user
// run as PHP. The slices are the request's.
func (r *Request) Overrides() (values, admin []byte) {
	c := r.conn
	p := &c.srv.params
	values, _ = p.get(phpValue)
	admin, _ = p.get(phpAdminValue)
	if len(values)+len(admin) > 0 && !c.named {
		c.srv.quiet.warn("overrides", "PHP_VALUE and PHP_ADMIN_VALUE of a request over TCP are ignored: listen_allowed_clients does not name its client")
		return nil, nil
	}
	return values, admin
}

// setsAdminValue reports whether a PHP_ADMIN_VALUE is to be in force for the request.
func (r *Request) setsAdminValue() bool {
	admin, _ := r.conn.srv.params.get(phpAdminValue)
	return len(admin) > 0 && r.conn.named
}
