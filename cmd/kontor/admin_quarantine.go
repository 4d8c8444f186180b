package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"kontor/internal/app"
	"kontor/internal/hub"
)

type quarantineCommand struct {
	List    quarantineList    `cmd:"" help:"List what waits for the operator."`
	Show    quarantineShow    `cmd:"" help:"Write the bytes of one part to standard output."`
	Release quarantineRelease `cmd:"" help:"Have one part split again, after its account was set up."`
	Drop    quarantineDrop    `cmd:"" help:"Delete one part for good."`
}

type quarantineJSON struct {
	ID       string               `json:"id"`
	Contact  hub.ContactID        `json:"contact"`
	Download hub.DownloadID       `json:"download"`
	Reason   string               `json:"reason"`
	Created  string               `json:"created"`
	Detail   hub.QuarantineDetail `json:"detail"`
}

type quarantineList struct{ opened }

// Run lists the quarantine.
func (c *quarantineList) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		all, err := h.Quarantine(ctx)
		if err != nil {
			return err
		}
		list, rows := []quarantineJSON{}, [][]string{{"CREATED", "REASON", "FILE", "IBAN OR KEY", "CONTACT", "ID"}}
		for _, q := range all {
			list = append(list, quarantineJSON{q.ID, q.Contact, q.Download, q.Reason, stamp(q.Created), q.Detail})
			rows = append(rows, []string{stamp(q.Created), q.Reason, q.Detail.FileName, strings.TrimSpace(q.Detail.IBAN + " " + q.Detail.Key), string(q.Contact), q.ID})
		}
		return c.print(map[string]any{"quarantine": list}, func() error { return table(rows...) })
	})
}

// quarantineArg names one part.
type quarantineArg struct {
	opened
	ID string `arg:"" help:"Id of the part, from the list."`
}

type quarantineShow struct{ quarantineArg }

// Run writes the bytes.
func (c *quarantineShow) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error { return h.QuarantineBytes(ctx, c.ID, os.Stdout) })
}

type quarantineRelease struct{ quarantineArg }

// Run has the part split again.
func (c *quarantineRelease) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		if err := h.QuarantineRelease(ctx, operator(), c.ID); err != nil {
			return err
		}
		return c.print(map[string]string{"id": c.ID}, func() error {
			fmt.Println("it will be split within seconds; if it still belongs to nobody, it comes back")
			return nil
		})
	})
}

type quarantineDrop struct {
	quarantineArg
	Reason string `help:"Why; becomes an audit row." required:""`
}

// Run deletes the part.
func (c *quarantineDrop) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		if err := h.QuarantineDrop(ctx, operator(), c.ID, c.Reason); err != nil {
			return err
		}
		return c.print(map[string]string{"id": c.ID}, func() error {
			fmt.Println("deleted")
			return nil
		})
	})
}
