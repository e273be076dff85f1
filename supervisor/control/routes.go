package control

import (
	"net/http"
	"slices"
)

// Route is one thing that the API can do.
type Route struct {
	Method  string
	Path    string // as net/http's ServeMux takes it
	Doc     string
	Query   []Param
	Body    any // of the request, as a zero value; nil: none
	Answer  any // as a zero value; nil: see Doc
	Command string

	quiet bool // looks only: logged at level debug
	do    func(s Service, r *http.Request) (answer any, err error)
}

// Param is a parameter of the query.
type Param struct{ Name, Doc string }

// Routes returns the whole API.
func Routes() []Route {
	return slices.Concat(serviceRoutes(), poolRoutes(), traceRoutes(), logRoutes(), debugRoutes())
}

func serviceRoutes() []Route {
	return []Route{
		{
			Method: "GET", Path: "/v1/status", Command: "howdah status, howdah workers", Answer: Status{}, quiet: true,
			Doc:   "All there is to see. A pool whose event loop does not answer within a second is `stuck` and has no figures.",
			Query: []Param{{"pool", "only this pool"}},
			do: func(s Service, r *http.Request) (any, error) {
				return s.Status(r.Context(), r.FormValue("pool"))
			},
		}, {
			Method: "POST", Path: "/v1/reload", Command: "howdah reload", Answer: Reload{},
			Doc: "Reads the configuration again and puts it in force. The answer comes when that is over, also if it failed. " +
				"One that is asked for while another runs follows it.",
			do: func(s Service, r *http.Request) (any, error) { return s.Reload(r.Context()) },
		}, {
			Method: "POST", Path: "/v1/stop", Command: "howdah stop", Body: StopRequest{}, Answer: Stopped{},
			Doc: "Lets running requests finish, within process_control_timeout, and ends. The answer comes when everything has been given back.",
			do: func(s Service, r *http.Request) (any, error) {
				var body StopRequest
				if err := read(r, &body); err != nil {
					return nil, err
				}
				return s.Stop(r.Context(), body.Now)
			},
		},
	}
}

func logRoutes() []Route {
	return []Route{{
		Method: "PUT", Path: "/v1/log", Command: "howdah log-level", Body: Log{}, Answer: Log{},
		Doc: "Changes what is logged, until the next reload. What is left out stays. The answer is what is in force now.",
		do: func(s Service, r *http.Request) (any, error) {
			var body Log
			if err := read(r, &body); err != nil {
				return nil, err
			}
			return s.SetLog(body)
		},
	}}
}
