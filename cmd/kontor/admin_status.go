package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"kontor/internal/app"
	"kontor/internal/hub"
)

type statusCommand struct{ opened }

type statusJSON struct {
	Version        string              `json:"version"`
	Engine         string              `json:"engine"`
	Files          map[hub.State]int64 `json:"files"`
	OldestQueued   string              `json:"oldestQueued,omitempty"`
	OldestUnclear  string              `json:"oldestUnclear,omitempty"`
	Nodes          []string            `json:"nodes"`
	Jobs           []jobJSON           `json:"jobs"`
	Trouble        []troubleJSON       `json:"trouble"`
	Contacts       []contactState      `json:"contacts"`
	UnsealedAudit  int64               `json:"unsealedAudit"`
	OldestUnsealed string              `json:"oldestUnsealed,omitempty"`
	Deliveries     int64               `json:"deliveriesWaiting"`
	Quarantined    int64               `json:"quarantined"`
}

type troubleJSON struct {
	Resource string `json:"resource"`
	Failures int    `json:"failures"`
	Code     string `json:"code"`
	Next     string `json:"next"`
}

type contactState struct {
	ID           hub.ContactID    `json:"id"`
	Bank         hub.BankID       `json:"bank"`
	State        hub.ContactState `json:"state"`
	LastAnswered string           `json:"lastAnswered,omitempty"` // by the bank, to any poll
}

// Run shows what an operator wants to know first.
func (c *statusCommand) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		o, err := h.Overview(ctx)
		if err != nil {
			return err
		}
		s := asStatusJSON(o)
		return c.print(s, func() error { return s.text() })
	})
}

func asStatusJSON(o app.Overview) statusJSON {
	s := statusJSON{
		Version: version, Engine: string(o.Engine), Files: o.Census.Files, OldestQueued: stamp(o.Census.OldestFile[hub.StateQueued]),
		OldestUnclear: stamp(o.Census.OldestFile[hub.StateUnclear]), Nodes: slices.Concat([]string{}, o.Nodes), Jobs: asJobsJSON(o.Jobs),
		Trouble: []troubleJSON{}, Contacts: []contactState{}, UnsealedAudit: o.Census.Unsealed, OldestUnsealed: stamp(o.Census.OldestUnsealed),
		Deliveries: o.Census.DownloadsStored, Quarantined: o.Census.Quarantined,
	}
	for _, t := range o.Trouble {
		s.Trouble = append(s.Trouble, troubleJSON{t.Resource, t.Failures, t.Code, stamp(t.Next)})
	}
	answered := map[hub.ContactID]time.Time{}
	for _, p := range o.Census.Polls {
		if p.Succeeded.After(answered[p.Contact]) {
			answered[p.Contact] = p.Succeeded
		}
	}
	for _, k := range o.Contacts {
		s.Contacts = append(s.Contacts, contactState{k.ID, k.Bank, k.State, stamp(answered[k.ID])})
	}
	return s
}

func (s statusJSON) text() error {
	fmt.Printf("kontor %s on %s; nodes with work in hand: %s\n", s.Version, s.Engine, none(strings.Join(s.Nodes, ", ")))
	fmt.Printf("audit rows to be chained: %d%s; deliveries to be split: %d; quarantined: %d\n\n",
		s.UnsealedAudit, since(s.OldestUnsealed), s.Deliveries, s.Quarantined)
	rows := [][]string{{"FILES", "COUNT", "OLDEST SINCE"}}
	for _, state := range hub.States() {
		oldest := map[hub.State]string{hub.StateQueued: s.OldestQueued, hub.StateUnclear: s.OldestUnclear}[state]
		if s.Files[state] > 0 {
			rows = append(rows, []string{string(state), strconv.FormatInt(s.Files[state], 10), oldest})
		}
	}
	rows = append(rows, []string{}, []string{"CONTACT", "BANK", "STATE", "LAST ANSWERED"})
	for _, k := range s.Contacts {
		rows = append(rows, []string{string(k.ID), string(k.Bank), string(k.State), k.LastAnswered})
	}
	if len(s.Trouble) > 0 {
		rows = append(rows, []string{}, []string{"FAILING", "FAILURES", "LAST", "NEXT TRY"})
		for _, t := range s.Trouble {
			rows = append(rows, []string{t.Resource, strconv.Itoa(t.Failures), t.Code, t.Next})
		}
	}
	return table(rows...)
}

func none(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func since(moment string) string {
	if moment == "" {
		return ""
	}
	return " since " + moment
}
