package main

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"

	"kontor/finding"
	"kontor/internal/app"
	"kontor/internal/hub"
)

type documentCommand struct {
	List documentList `cmd:"" help:"List a tenant's documents of banks, newest first, with how much is wrong with each."`
	Show documentShow `cmd:"" help:"Show one document and what is wrong with it, as far as that is kept."`
}

type documentJSON struct {
	ID        hub.DocumentID     `json:"id"`
	Account   hub.AccountID      `json:"account"`
	Format    string             `json:"format"`
	Created   string             `json:"created"`
	Retrieved string             `json:"retrieved,omitempty"`
	Detail    hub.DocumentDetail `json:"detail"`
}

func asDocumentJSON(d hub.Document) documentJSON {
	return documentJSON{d.ID, d.Account, d.Format, stamp(d.Created), stamp(d.Retrieved), d.Detail}
}

type documentList struct {
	opened
	Tenant string `help:"Handle or id." required:""`
	Wrong  bool   `help:"Only those with something wrong." env:"-"`
	Limit  int    `help:"At most so many." default:"100"`
}

// Run lists documents.
func (c *documentList) Run(ctx context.Context, log *slog.Logger) error {
	if c.Limit < 1 {
		return hub.Errorf(hub.CodeInvalid, "the limit is a positive number")
	}
	return c.look(ctx, log, func(h *app.Hub) error {
		t, err := h.Tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		all, err := h.Documents(ctx, t.ID)
		if err != nil {
			return err
		}
		list, rows := []documentJSON{}, [][]string{{"CREATED", "FORMAT", "ACCOUNT", "ENTRIES", "FINDINGS", "RETRIEVED", "ID"}}
		for _, d := range all {
			if c.Wrong && d.Detail.FindingCount == 0 || len(list) == c.Limit {
				continue
			}
			list = append(list, asDocumentJSON(d))
			rows = append(rows, []string{
				stamp(d.Created), d.Format, d.Detail.IBAN, strconv.Itoa(d.Detail.EntryCount), strconv.Itoa(d.Detail.FindingCount), stamp(d.Retrieved), string(d.ID),
			})
		}
		return c.print(map[string]any{"documents": list}, func() error { return table(rows...) })
	})
}

type documentShow struct {
	opened
	Tenant   string `help:"Handle or id." required:""`
	Document string `arg:"" help:"Id of the document, from the list."`
}

// Run shows a document.
func (c *documentShow) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		t, err := h.Tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		d, err := h.Document(ctx, t.ID, hub.DocumentID(c.Document))
		if err != nil {
			return err
		}
		return c.print(asDocumentJSON(d), func() error {
			fmt.Printf("%s of %s, %s, %d entries, delivered as %s, %s\n%d findings\n", d.Format, d.Detail.IBAN, stamp(d.Created), d.Detail.EntryCount,
				d.Detail.OrderType, d.Detail.FileName, d.Detail.FindingCount)
			return tellFindings(d.Detail.Findings, d.Detail.FindingCount)
		})
	})
}

// tellFindings prints findings that are kept of count in all.
func tellFindings(found []finding.Finding, count int) error {
	if len(found) == 0 {
		return nil
	}
	rows := [][]string{{"CODE", "SEVERITY", "AT", "WHAT"}}
	for _, f := range found {
		rows = append(rows, []string{string(f.Code), string(f.Severity), f.At.String(), f.Message})
	}
	if err := table(rows...); err != nil {
		return err
	}
	if count > len(found) {
		fmt.Printf("%d more are not kept\n", count-len(found))
	}
	return nil
}
