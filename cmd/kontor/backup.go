package main

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"

	"kontor/internal/app"
	"kontor/internal/config"
)

type backupCommand struct {
	opened
	To string `help:"Name of the new file in the folder for backups; default is one of the moment." placeholder:"FILE"`
}

// Run writes a backup while the hub may be serving.
func (c *backupCommand) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		b, err := h.Backup(ctx, operator(), c.Storage, c.To, version)
		if err != nil {
			return err
		}
		return c.print(b, func() error {
			fmt.Printf("%s: %d bytes, %d rows, read back and found whole\n", b.Path, b.Bytes, b.Manifest.Rows())
			return nil
		})
	})
}

type restoreCommand struct {
	config.Storage
	JSON   bool   `name:"json" help:"Print JSON."`
	From   string `help:"The backup." required:"" type:"existingfile" placeholder:"FILE"`
	Reason string `help:"Which backup is restored, when and why; becomes an audit row."`
	Check  bool   `help:"Read the backup through and say what is in it; change nothing."`
}

// Run restores a backup into an empty database, or checks it.
func (c *restoreCommand) Run(ctx context.Context, log *slog.Logger) error {
	o := opened{c.Storage, c.JSON}
	if c.Check {
		b, err := app.CheckBackup(c.Storage, c.From)
		if err != nil {
			return err
		}
		return o.print(b, func() error {
			rows := [][]string{{"TABLE", "ROWS"}}
			for _, t := range b.Manifest.Tables {
				rows = append(rows, []string{t.Name, strconv.FormatInt(t.Rows, 10)})
			}
			fmt.Printf("whole: made %s from %s by %s, %d bytes\n", stamp(b.Manifest.Created), b.Manifest.Engine, b.Manifest.Program, b.Bytes)
			return table(rows...)
		})
	}
	r, err := app.Restore(ctx, c.Storage, operator(), c.From, c.Reason, log)
	if err != nil {
		return err
	}
	list, rows := unclearFiles(r.Unclear)
	return o.print(map[string]any{"rows": r.Backup.Manifest.Rows(), "unclear": list}, func() error {
		fmt.Printf("restored: %d rows\n", r.Backup.Manifest.Rows())
		return sayUnclear(rows)
	})
}
