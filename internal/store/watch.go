package store

import (
	"strings"

	"kontor/internal/hub"
)

// Watcher is told what operators count, after it was committed. Its methods must return at once and are called by many goroutines.
type Watcher interface {
	// FileEntered says that a payment file became visible (from is "") or went from one state to another.
	FileEntered(from, to hub.State)
	// LeaseTakenOver says that a holder's lease had run out without having been given back, and another took it. kind is what stands
	// before the colon of the resource.
	LeaseTakenOver(kind string)
	// LeaseLost says that a holder of this process noticed that it holds its lease no longer.
	LeaseLost(kind string)
}

// after has the watcher told when the transaction is committed.
func (tx *Tx) after(tell func(w Watcher)) {
	if tx.s.watch != nil {
		tx.told = append(tx.told, tell)
	}
}

func (s *Store) tell(tx *Tx) {
	if tx == nil || s.watch == nil {
		return
	}
	for _, t := range tx.told {
		t(s.watch)
	}
}

// leaseKind is what a resource is: file, contact, download or audit.
func leaseKind(resource string) string {
	kind, _, _ := strings.Cut(resource, ":")
	return kind
}
