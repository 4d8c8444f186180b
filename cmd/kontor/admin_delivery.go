package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"kontor/internal/app"
	"kontor/internal/hub"
)

type deliveryCommand struct {
	List  deliveryList  `cmd:"" help:"List deliveries that are not split: they wait (stored), or could not be read (undecoded)."`
	Show  deliveryShow  `cmd:"" help:"Write the bytes of one delivery to standard output, as the bank sent them."`
	Retry deliveryRetry `cmd:"" help:"Have a delivery that could not be read split again, by a newer version for example."`
}

type deliveryJSON struct {
	ID        hub.DownloadID    `json:"id"`
	Contact   hub.ContactID     `json:"contact"`
	OrderType string            `json:"orderType"`
	Kind      hub.PollKind      `json:"kind"`
	State     hub.DownloadState `json:"state"`
	Receipted bool              `json:"receipted"`
	Created   string            `json:"created"`
}

type deliveryList struct{ opened }

// Run lists deliveries.
func (c *deliveryList) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		all, err := h.Deliveries(ctx)
		if err != nil {
			return err
		}
		list, rows := []deliveryJSON{}, [][]string{{"CREATED", "STATE", "ORDER TYPE", "CONTACT", "ID"}}
		for _, d := range all {
			list = append(list, deliveryJSON{d.ID, d.Contact, d.OrderType, d.Kind, d.State, d.Receipted, stamp(d.Created)})
			rows = append(rows, []string{stamp(d.Created), string(d.State), d.OrderType, string(d.Contact), string(d.ID)})
		}
		return c.print(map[string]any{"deliveries": list}, func() error { return table(rows...) })
	})
}

// deliveryArg names one delivery.
type deliveryArg struct {
	opened
	ID string `arg:"" help:"Id of the delivery, from the list."`
}

type deliveryShow struct{ deliveryArg }

// Run writes the bytes.
func (c *deliveryShow) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error { return h.DeliveryBytes(ctx, hub.DownloadID(c.ID), os.Stdout) })
}

type deliveryRetry struct{ deliveryArg }

// Run has the delivery split again.
func (c *deliveryRetry) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		if err := h.DeliveryRetry(ctx, operator(), hub.DownloadID(c.ID)); err != nil {
			return err
		}
		return c.print(map[string]string{"id": c.ID}, func() error {
			fmt.Println("it will be split within seconds; if it still cannot be read, it is listed again")
			return nil
		})
	})
}
