package main

import (
	"context"
	"fmt"
	"log/slog"

	"kontor/internal/app"
)

type auditScrub struct{ opened }

// Run exits with status 1 if anything is damaged.
func (c *auditScrub) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		found, err := h.Scrub(ctx)
		if err != nil {
			return err
		}
		err = c.print(found, func() error {
			for _, d := range found.Damaged {
				fmt.Printf("DAMAGED %s %s %d of %s\n", d.Table, d.ID, d.Number, d.Owner)
			}
			fmt.Printf("%d sealed values opened, %d of destroyed owners skipped, %d damaged\n", found.Values, found.Skipped, len(found.Damaged))
			return nil
		})
		if err == nil && len(found.Damaged) > 0 {
			return errShown
		}
		return err
	})
}
