package wsbridge

// A Publication is one message to a channel.
type Publication struct {
	Pool    string
	Channel string
	Event   string // of protocols that have named events; "" here
	Data    []byte
	Binary  bool
	Exclude string // id of the connection that does not get it; carried along, since that may be held elsewhere
	Offset  uint64 // place in the channel's order, from 1; set on delivery
	Epoch   string // of the order: it changes when offsets begin anew
}

// A Broker carries publications to every hub that has subscribers of their channel, in one order for each channel.
//
// Publish returns when the publication has its place in that order. Subscribe and Unsubscribe say that a hub's first subscriber has
// come and that its last has gone.
type Broker interface {
	Publish(p *Publication) error
	Subscribe(channel string) error
	Unsubscribe(channel string) error
}

// local is the broker of a machine alone: what is published is delivered here.
type local struct{ hub *Hub }

func (l local) Publish(p *Publication) error {
	l.hub.Deliver(p)
	return nil
}

func (l local) Subscribe(string) error   { return nil }
func (l local) Unsubscribe(string) error { return nil }
