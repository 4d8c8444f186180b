package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"

	"kontor/internal/app"
	"kontor/internal/hub"
)

type fileCommand struct {
	List     fileList     `cmd:"" help:"List payment files by tenant and state, longest in their state first."`
	Events   fileEvents   `cmd:"" help:"Show the history of a payment file."`
	Findings fileFindings `cmd:"" help:"Show what was found about a payment file: why it was rejected, or what it was warned of."`
	Evidence fileEvidence `cmd:"" help:"Write the bytes that an event rests on to standard output."`
	Retry    fileRetry    `cmd:"" help:"Have work on a file tried at once instead of at the end of its wait."`
	Settle   fileSettle   `cmd:"" help:"End an unclear upload on your word: the bank has told you whether it has the order."`
}

type fileEvents struct {
	opened
	Tenant string `help:"Handle or id." required:""`
	File   string `arg:"" help:"Id (rId) of the payment file."`
}

type eventJSON struct {
	At             string    `json:"at"`
	Actor          hub.Actor `json:"actor"`
	Name           string    `json:"name"`
	From           hub.State `json:"from,omitempty"`
	To             hub.State `json:"to,omitempty"`
	OrderID        string    `json:"orderId,omitempty"`
	Action         string    `json:"action,omitempty"`
	ReasonCode     string    `json:"reasonCode,omitempty"`
	Reason         string    `json:"reason,omitempty"`
	Evidence       string    `json:"evidence,omitempty"`
	EvidenceSHA256 string    `json:"evidenceSha256,omitempty"`
}

// Run shows the history.
func (c *fileEvents) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		t, err := h.Tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		file, events, err := h.File(ctx, t.ID, hub.FileID(c.File))
		if err != nil {
			return err
		}
		list, rows := []eventJSON{}, [][]string{{"AT", "ACTOR", "STEP", "STATE", "ORDER", "ACTION", "REASON", "EVIDENCE (SHA-256)"}}
		for _, e := range events {
			digest := ""
			if e.Evidence != "" {
				hash := sha256.New()
				if err := h.Evidence(ctx, t.ID, e.Evidence, hash); err != nil {
					return err
				}
				digest = fmt.Sprintf("%x", hash.Sum(nil))
			}
			list = append(list, eventJSON{stamp(e.At), e.Actor, e.Name, e.From, e.To, e.Detail.OrderID, e.Detail.Action, e.Detail.ReasonCode, e.Detail.Reason, string(e.Evidence), digest})
			rows = append(rows, []string{stamp(e.At), string(e.Actor), e.Name, string(e.To), e.Detail.OrderID, e.Detail.Action, e.Detail.ReasonCode, digest})
		}
		return c.print(map[string]any{"state": file.State, "events": list}, func() error { return table(rows...) })
	})
}

type fileFindings struct {
	opened
	Tenant string `help:"Handle or id." required:""`
	File   string `arg:"" help:"Id (rId) of the payment file."`
}

// Run shows the findings.
func (c *fileFindings) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		t, err := h.Tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		file, _, err := h.File(ctx, t.ID, hub.FileID(c.File))
		if err != nil {
			return err
		}
		found := file.Detail.Findings
		return c.print(map[string]any{"state": file.State, "findings": found, "duplicateOf": file.Detail.DuplicateOf}, func() error {
			fmt.Printf("%s, %d findings\n", file.State, len(found))
			return tellFindings(found, len(found))
		})
	})
}

type fileEvidence struct {
	opened
	Tenant   string `help:"Handle or id." required:""`
	Evidence string `arg:"" help:"Id of the evidence, from the file's events."`
}

// Run writes the evidence.
func (c *fileEvidence) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		t, err := h.Tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		return h.Evidence(ctx, t.ID, hub.BodyID(c.Evidence), os.Stdout)
	})
}

type fileSettle struct {
	opened
	Tenant string `help:"Handle or id." required:""`
	File   string `arg:"" help:"Id (rId) of the payment file."`
	Proof  string `help:"delivered: the bank has the order. absent: it does not, send it again." required:"" enum:"delivered,absent"`
	Reason string `help:"How you know: who at the bank said what, when." required:""`
}

// Run settles the upload.
func (c *fileSettle) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		t, err := h.Tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		if err := h.SettleByHand(ctx, operator(), t.ID, hub.FileID(c.File), c.Proof == "delivered", c.Reason); err != nil {
			return err
		}
		return c.print(map[string]string{"id": c.File, "proof": c.Proof}, func() error {
			fmt.Printf("file %s is settled: %s\n", c.File, c.Proof)
			return nil
		})
	})
}

type restoredCommand struct {
	opened
	Reason string `help:"Which backup was restored, when and why; becomes an audit row." required:""`
}

// Run takes up work.
func (c *restoredCommand) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		files, err := h.Restored(ctx, operator(), c.Reason)
		if err != nil {
			return err
		}
		list, rows := unclearFiles(files)
		return c.print(map[string]any{"unclear": list}, func() error { return sayUnclear(rows) })
	})
}

// unclearFiles are files that became unclear, for JSON and for people.
func unclearFiles(files []app.FileRef) (list []map[string]string, rows [][]string) {
	list, rows = []map[string]string{}, [][]string{{"TENANT", "FILE"}}
	for _, f := range files {
		list = append(list, map[string]string{"tenant": string(f.Tenant), "file": string(f.File)})
		rows = append(rows, []string{string(f.Tenant), string(f.File)})
	}
	return list, rows
}

func sayUnclear(rows [][]string) error {
	n := len(rows) - 1 // the first is the heading
	fmt.Printf("%d files are unclear now; ask the bank about each and settle it: kontor admin file settle\n", n)
	if n == 0 {
		return nil
	}
	return table(rows...)
}
