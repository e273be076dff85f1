// Package fsuser looks at the file system as another user does.
//
// The kernel is asked with that user's file-system ids, so ACLs and mount options count, too. Only the calling thread changes;
// the process stays who it is. Source: setfsuid(2), setfsgid(2), setgroups(2) of one thread.
//
// Goroutines: none. Not here: who the user is, processes that run as one.
package fsuser
