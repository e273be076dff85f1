package worker

// stderrStream is what a request has written to FCGI_STDERR so far.
type stderrStream struct{}

func (w *Worker) stderr(b []byte) bool { return true }

func (w *Worker) describe() (script, request string) {
	if w.task == nil {
		return "-", "-"
	}
	return w.task.describe()
}

func (g *generation) hostCalls() {}
