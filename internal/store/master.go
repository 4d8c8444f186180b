package store

import (
	"context"
	"crypto/sha256"
	"sync"

	"kontor/internal/hub"
)

// masters remembers what banks say of contacts, since every submission asks for it and a contact's row is large: it holds keys. What is
// remembered is found by the digest of the sealed row, so it is never older than the row that was just read; and it is given out only to a
// transaction that can open the owner's keys.
type masters struct {
	mu    sync.Mutex
	known map[hub.ContactID]knownMaster
}

type knownMaster struct {
	sealed [sha256.Size]byte
	master *hub.MasterData // not to be changed
}

// mostMasters limits how many are remembered: beyond it all are forgotten.
const mostMasters = 1000

func (m *masters) find(id hub.ContactID, sealed [sha256.Size]byte) (*hub.MasterData, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.known[id]
	return k.master, ok && k.sealed == sealed
}

func (m *masters) keep(id hub.ContactID, k knownMaster) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= mostMasters {
		m.known = map[hub.ContactID]knownMaster{}
	}
	m.known[id] = k
}

func (m *masters) forget(id hub.ContactID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.known, id)
}

// openMasters is openContacts for whom id and Master are enough.
func (tx *Tx) openMasters(ctx context.Context, found *foundContacts) ([]hub.Contact, error) {
	live := make([]hub.Contact, 0, len(found.contacts))
	for i, c := range found.contacts {
		_, err := tx.keys(ctx, c.Owner)
		if hub.CodeOf(err) == hub.CodeNotFound {
			tx.s.masters.forget(c.ID)
			continue // a destroyed tenant's own contact
		}
		if err != nil {
			return nil, err
		}
		digest := sha256.Sum256(found.sealed[i])
		master, known := tx.s.masters.find(c.ID, digest)
		if !known {
			var s sealedContact
			if err := tx.open(ctx, c.Owner, "contact", string(c.ID), found.sealed[i], &s); err != nil {
				return nil, err
			}
			master = s.Master
			tx.s.masters.keep(c.ID, knownMaster{digest, master})
		}
		live = append(live, hub.Contact{ID: c.ID, Master: master})
	}
	return live, nil
}
