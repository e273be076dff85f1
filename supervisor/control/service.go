package control

import "context"

// Service is what the commands direct. Its methods may be called by anyone at any time, and return soon after ctx has ended.
// An error that is a *Failure reaches the caller as it is.
type Service interface {
	// Status is everything there is to see; of one pool, unless pool is "".
	Status(ctx context.Context, pool string) (Status, error)
	// Reload puts the configuration in force and waits for the end of that.
	Reload(ctx context.Context) (Reload, error)
	// Stop begins to stop, and returns when everything has been given back.
	Stop(ctx context.Context, now bool) (Stopped, error)
	// Recycle ends workers between requests.
	Recycle(ctx context.Context, which RecycleRequest) (Recycled, error)
	// Pause gives the PHP of a pool no more requests, with mode "queue" or "503", or gives them again with mode "".
	Pause(ctx context.Context, pool, mode string) (Pool, error)
	// Trace says where PHP is.
	Trace(ctx context.Context, which TraceRequest) (Trace, error)
	// SetLog changes what is logged until the next reload; what is empty stays.
	SetLog(change Log) (Log, error)
}
