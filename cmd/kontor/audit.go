package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"kontor/internal/app"
	"kontor/internal/hub"
)

type auditCommand struct {
	Verify auditVerify `cmd:"" help:"Verify audit chains: of this installation, or of an exported file without one."`
	Scrub  auditScrub  `cmd:"" help:"Open every sealed value of the database and list those that the disk has changed."`
	Export auditExport `cmd:"" help:"Write an owner's chain as JSON lines to standard output."`
}

type auditVerify struct {
	opened
	Owner string `help:"A tenant's id, or operator; default is all." placeholder:"ID"`
	File  string `help:"Verify this export instead of the installation." type:"existingfile" placeholder:"FILE"`
}

// Run exits with status 1 at the first broken chain.
func (c *auditVerify) Run(ctx context.Context, log *slog.Logger) error {
	if c.File != "" {
		return c.verifyFile()
	}
	return c.look(ctx, log, func(h *app.Hub) error {
		results, err := h.VerifyAudit(ctx, hub.Owner(c.Owner))
		if err != nil {
			return err
		}
		if len(results) == 0 {
			return hub.Errorf(hub.CodeNotFound, "there is no audit chain of that owner")
		}
		broken := false
		for _, r := range results {
			broken = broken || r.Fault != ""
		}
		if err := c.print(map[string]any{"chains": results}, func() error {
			for _, r := range results {
				if r.Fault != "" {
					fmt.Println("BROKEN ", r.Fault)
					continue
				}
				fmt.Printf("whole   %s: %d rows chained, %d waiting\n", r.Owner, r.Chained, r.Pending)
			}
			return nil
		}); err != nil {
			return err
		}
		if broken {
			return errShown
		}
		return nil
	})
}

func (c *auditVerify) verifyFile() (err error) {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	result, err := app.VerifyExport(f)
	if err != nil {
		return err
	}
	return c.print(result, func() error {
		fmt.Printf("whole   %s: %d rows chained (the head's seal needs the installation's root key and was not checked)\n", result.Owner, result.Chained)
		return nil
	})
}

type auditExport struct {
	opened
	Owner string `arg:"" help:"A tenant's id, or operator."`
}

// Run writes the export.
func (c *auditExport) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error { return h.ExportAudit(ctx, hub.Owner(c.Owner), os.Stdout) })
}
