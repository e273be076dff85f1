package control

import "net/http"

func poolRoutes() []Route {
	return []Route{
		{
			Method: "POST", Path: "/v1/recycle", Command: "howdah recycle", Body: RecycleRequest{}, Answer: Recycled{},
			Doc: "Ends workers between requests; fresh ones take their places. Without a pid, workers that have not worked yet are left alone.",
			do: func(s Service, r *http.Request) (any, error) {
				var body RecycleRequest
				if err := read(r, &body); err != nil {
					return nil, err
				}
				return s.Recycle(r.Context(), body)
			},
		}, {
			Method: "POST", Path: "/v1/pools/{pool}/pause", Command: "howdah pool pause", Body: PauseRequest{}, Answer: Pool{},
			Doc: "Gives the PHP of a pool no more requests; those that run are finished. It lasts until it is ended or Howdah stops, also over reloads.",
			do: func(s Service, r *http.Request) (any, error) {
				var body PauseRequest
				if err := read(r, &body); err != nil {
					return nil, err
				}
				switch body.Mode {
				case "":
					body.Mode = "queue"
				case "queue", "503":
				default:
					return nil, BadRequest("a pool is paused with mode queue or 503, not " + body.Mode)
				}
				return s.Pause(r.Context(), r.PathValue("pool"), body.Mode)
			},
		}, {
			Method: "POST", Path: "/v1/pools/{pool}/resume", Command: "howdah pool resume", Answer: Pool{},
			Doc: "Ends a pause: what waits is run. A pool that is not paused stays as it is.",
			do:  func(s Service, r *http.Request) (any, error) { return s.Pause(r.Context(), r.PathValue("pool"), "") },
		},
	}
}
