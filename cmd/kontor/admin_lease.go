package main

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"

	"kontor/internal/app"
)

type jobCommand struct {
	List jobList `cmd:"" help:"Count jobs by kind: those that wait for a worker and those that run."`
}

type jobJSON struct {
	Kind  string `json:"kind"`
	State string `json:"state"`
	Jobs  int64  `json:"jobs"`
}

func asJobsJSON(all []app.JobCount) []jobJSON {
	list := []jobJSON{}
	for _, j := range all {
		list = append(list, jobJSON{j.Kind, j.State, j.Jobs})
	}
	return list
}

type jobList struct{ opened }

// Run counts jobs.
func (c *jobList) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		all, err := h.Jobs(ctx)
		if err != nil {
			return err
		}
		list, rows := asJobsJSON(all), [][]string{{"KIND", "STATE", "JOBS"}}
		for _, j := range list {
			rows = append(rows, []string{j.Kind, j.State, strconv.FormatInt(j.Jobs, 10)})
		}
		return c.print(map[string]any{"jobs": list}, func() error { return table(rows...) })
	})
}

type leaseCommand struct {
	List    leaseList    `cmd:"" help:"List what is in somebody's hand at this moment."`
	Release leaseRelease `cmd:"" help:"Take a lease from its holder, who can write nothing more under it; the work is taken up anew."`
}

type leaseJSON struct {
	Resource string `json:"resource"`
	Holder   string `json:"holder"`
	Until    string `json:"until"`
	Fence    int64  `json:"fence"`
}

type leaseList struct{ opened }

// Run lists leases.
func (c *leaseList) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		all, err := h.Leases(ctx)
		if err != nil {
			return err
		}
		list, rows := []leaseJSON{}, [][]string{{"RESOURCE", "HOLDER", "UNTIL", "FENCE"}}
		for _, l := range all {
			list = append(list, leaseJSON{l.Resource, l.Holder, stamp(l.Until), l.Fence})
			rows = append(rows, []string{l.Resource, l.Holder, stamp(l.Until), strconv.FormatInt(l.Fence, 10)})
		}
		return c.print(map[string]any{"leases": list}, func() error { return table(rows...) })
	})
}

type leaseRelease struct {
	opened
	Resource string `arg:"" help:"As the list shows it."`
	Reason   string `help:"Why its holder does not give it back; becomes an audit row." required:""`
}

// Run breaks the lease.
func (c *leaseRelease) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		if err := h.BreakLease(ctx, operator(), c.Resource, c.Reason); err != nil {
			return err
		}
		return c.print(map[string]string{"resource": c.Resource}, func() error {
			fmt.Println("taken; whoever held it is refused from now on")
			return nil
		})
	})
}
