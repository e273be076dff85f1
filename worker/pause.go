package worker

// PauseMode says what becomes of the requests of a pool that is paused. The zero value is a pool that is not.
type PauseMode string

// The modes of a pause.
const (
	NotPaused   PauseMode = ""
	PauseQueue  PauseMode = "queue" // they wait: queue_max and queue_timeout hold
	PauseRefuse PauseMode = "503"   // they are refused with 503 at once, those that wait already included
)

// Pause gives PHP no more requests until Resume. Those that run are finished. A reload leaves the pause as it is.
func (p *Pool) Pause(mode PauseMode) {
	p.paused = mode
	switch mode {
	case NotPaused:
		p.pump()
	case PauseRefuse:
		p.each(func(m *Pool) {
			m.refuseWaiting(CausePaused)
			m.settleStop()
		})
	}
}

// Resume ends a pause: what waits is run.
func (p *Pool) Resume() { p.Pause(NotPaused) }
