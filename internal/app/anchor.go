package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"kontor/folder"
	"kontor/internal/hub"
	"kontor/internal/store"
)

// anchors keep, per owner, how far the audit chain had come, in a folder outside the database: whoever can write to the database can cut
// or rewrite a chain and have the hub seal it anew, but cannot make it fit what is written here. An anchor is some seconds old; it never
// moves back by itself.
type anchors struct {
	dir     string
	written map[hub.Owner]time.Time
}

// anchorEvery is how far an anchor may lag behind its chain.
const anchorEvery = 5 * time.Second

type anchor struct {
	Number int64  `json:"number"`
	Link   []byte `json:"link"`
}

func newAnchors(keyFolder string) *anchors {
	return &anchors{dir: filepath.Join(keyFolder, "anchors"), written: map[hub.Owner]time.Time{}}
}

func (a *anchors) path(owner hub.Owner) string { return filepath.Join(a.dir, string(owner)+".json") }

// read returns the owner's anchor; the zero anchor is none.
func (a *anchors) read(owner hub.Owner) (anchor, error) {
	var out anchor
	text, err := os.ReadFile(a.path(owner))
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return out, fmt.Errorf("read audit anchor: %w", err)
	}
	if err := json.Unmarshal(text, &out); err != nil {
		return out, fmt.Errorf("read audit anchor of %s: %w", owner, err)
	}
	return out, nil
}

func (a *anchors) write(owner hub.Owner, to anchor) error {
	if err := os.MkdirAll(a.dir, 0o700); err != nil {
		return fmt.Errorf("write audit anchor: %w", err)
	}
	text, err := json.Marshal(to)
	if err != nil {
		return err
	}
	return folder.WriteFile(a.path(owner), text)
}

// check says why a chain does not fit the owner's anchor; "" = it fits.
func (a *anchors) check(ctx context.Context, tx *store.Tx, owner hub.Owner) (fault string, err error) {
	was, err := a.read(owner)
	if err != nil || was.Number == 0 {
		return "", err
	}
	link, found, err := tx.AuditLink(ctx, owner, was.Number)
	switch {
	case err != nil:
		return "", err
	case !found:
		return fmt.Sprintf("the chain had %d links once, link %d is gone", was.Number, was.Number), nil
	case !bytes.Equal(link, was.Link):
		return fmt.Sprintf("link %d is another than it was once: the chain was rewritten", was.Number), nil
	}
	return "", nil
}

// advance moves the owner's anchor to the chain's end, at most every few seconds. A chain that does not fit its anchor leaves it where
// it is.
func (a *anchors) advance(ctx context.Context, s *store.Store, owner hub.Owner, now time.Time, force bool) error {
	if !force && now.Sub(a.written[owner]) < anchorEvery {
		return nil
	}
	var head store.AuditHead
	fault := ""
	err := s.Read(ctx, func(tx *store.Tx) (err error) {
		if fault, err = a.check(ctx, tx, owner); err != nil {
			return err
		}
		head, err = tx.AuditHead(ctx, owner)
		return err
	})
	if err != nil {
		return err
	}
	if fault != "" {
		return fmt.Errorf("audit chain of %s does not fit its anchor: %s", owner, fault)
	}
	if err := a.write(owner, anchor{head.Number, head.Link}); err != nil {
		return err
	}
	a.written[owner] = now
	return nil
}

// ReanchorAudit makes the owner's anchor fit the chain as it is, after a person found out why it did not: an older backup was restored.
// The reason becomes an audit row of the operator.
func (h *Hub) ReanchorAudit(ctx context.Context, by hub.Actor, owner hub.Owner, reason string) error {
	if len(reason) < 10 || len(reason) > 4000 {
		return hub.Errorf(hub.CodeInvalid, "the reason has 10 to 4000 bytes")
	}
	was, err := h.anchors.read(owner)
	if err != nil {
		return err
	}
	var head store.AuditHead
	err = h.Store.Write(ctx, func(tx *store.Tx) error {
		known, err := tx.HasOwner(ctx, owner)
		if err != nil {
			return err
		}
		if !known {
			return hub.Errorf(hub.CodeNotFound, "no such owner")
		}
		if head, err = tx.AuditHead(ctx, owner); err != nil {
			return err
		}
		return tx.Audit(ctx, hub.AuditRow{Owner: hub.Operator, Actor: by, Action: "audit.anchor", Subject: string(owner), Detail: map[string]string{
			"from": fmt.Sprint(was.Number), "to": fmt.Sprint(head.Number), "reason": reason,
		}})
	})
	if err != nil {
		return err
	}
	return h.anchors.write(owner, anchor{head.Number, head.Link})
}
