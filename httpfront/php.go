package httpfront

import (
	"errors"
	"net/http"
)

// servePHP has a script run by the pool and passes its answer on.
func (h *Handler) servePHP(a *answer, r *http.Request, who peer, root string, found route) {
	limits := h.config.Limits
	if limits.BodyBytes >= 0 && r.ContentLength > limits.BodyBytes {
		h.refuse(a, http.StatusRequestEntityTooLarge)
		return
	}
	head, params, err := appendHead(nil, environ{
		request: r, who: who, root: root, script: found.name, info: found.info, software: h.config.ServerSoftware,
	})
	if err != nil {
		h.refuse(a, http.StatusRequestHeaderFieldsTooLarge)
		return
	}
	x := &exchange{
		client:  a,
		control: http.NewResponseController(a),
		stderr:  stderr{log: h.config.Log, mute: h.config.MuteStderr, about: []any{"script", root + found.name, "uri", r.RequestURI}},
	}
	if x.link, err = h.upstream.ask(r.Context(), head, params); err != nil {
		h.settle(x, r.Context().Err() != nil, err)
		return
	}
	if r.ContentLength != 0 {
		body := r.Body
		if limits.BodyBytes >= 0 {
			body = http.MaxBytesReader(nil, body, limits.BodyBytes)
		}
		x.control.EnableFullDuplex()
		x.upload = startUpload(x.link, x.control, body, limits.BodyStall)
	}
	err = x.receive()
	gone := x.gone != nil || r.Context().Err() != nil // asked before finish, which may end the context
	reusable := err == nil
	if x.upload != nil {
		unsent := x.upload.finish()
		reusable = reusable && unsent == nil
		var broken *bodyError
		if err != nil && errors.As(unsent, &broken) {
			err = broken
		}
	}
	if x.link.release() && reusable {
		h.upstream.put(x.link)
	} else {
		x.link.close()
	}
	h.settle(x, gone, err)
}

// settle ends a request: with an error page if the client has seen nothing yet, else by breaking the connection off, so that
// half an answer is never taken for a whole one.
func (h *Handler) settle(x *exchange, gone bool, err error) {
	if err == nil {
		return
	}
	status := http.StatusBadGateway
	var broken *bodyError
	switch {
	case errors.As(err, &broken) && broken.status() != http.StatusBadRequest:
		status = broken.status()
	case gone:
		panic(http.ErrAbortHandler) // nobody is left to be told
	case broken != nil:
		status = broken.status()
	case errors.Is(err, errUnreachable), errors.Is(err, errOverloaded):
		status = http.StatusServiceUnavailable
	}
	if broken == nil {
		x.stderr.log.Error("no answer from PHP", append([]any{"status", status, "cause", err}, x.stderr.about...)...)
	}
	if x.started {
		panic(http.ErrAbortHandler)
	}
	if status == http.StatusServiceUnavailable {
		x.client.Header().Set("Retry-After", "1")
	}
	x.endIfUnread()
	h.refuse(x.client, status)
}
