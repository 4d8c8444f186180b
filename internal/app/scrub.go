package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kontor/internal/hub"
	"kontor/internal/store"
)

const (
	// scrubFirst is how long after its start a process scrubs the database first: not at once, since it was just restarted for a reason.
	scrubFirst = 10 * time.Minute
	// scrubEvery is how often it does so then.
	scrubEvery = 24 * time.Hour
	// scrubLease keeps two nodes from scrubbing at the same time.
	scrubLease = time.Minute
)

// scrubber looks daily for what the disk has changed and nobody has read since.
type scrubber struct {
	store   *store.Store
	node    string
	log     *slog.Logger
	damaged prometheus.Gauge
}

func (s *scrubber) run(ctx context.Context, report func(error)) {
	timer := time.NewTimer(scrubFirst)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if err := s.scrub(ctx); err != nil && ctx.Err() == nil {
			report(err)
		}
		timer.Reset(scrubEvery)
	}
}

// scrub looks once. Damage is logged by table and id: what it is of is found there.
func (s *scrubber) scrub(ctx context.Context) error {
	return s.store.WithLease(ctx, "scrub:database", s.node, scrubLease, func(ctx context.Context, _ hub.Lease) error {
		found, err := s.store.Scrub(ctx)
		if err != nil {
			return fmt.Errorf("look for damage: %w", err)
		}
		s.damaged.Set(float64(len(found.Damaged)))
		for _, d := range found.Damaged {
			s.log.Error("a sealed value does not open", "owner", d.Owner, "table", d.Table, "id", d.ID, "number", d.Number)
		}
		s.log.Info("looked for damage", "values", found.Values, "skipped", found.Skipped, "damaged", len(found.Damaged))
		return nil
	})
}

// Scrub opens every sealed value of the database and lists those that do not open.
func (h *Hub) Scrub(ctx context.Context) (store.Scrubbed, error) { return h.Store.Scrub(ctx) }
