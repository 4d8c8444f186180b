package rig

import (
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
)

// AddNode plans one more hub over the installation's database, which must be PostgreSQL: with a data folder and a name of its own and with
// the key folder of the first. Settings and environment are the first hub's as they are now. Nothing is started.
func (i *Installation) AddNode(t testing.TB) *Hub {
	t.Helper()
	if i.Database == "" {
		t.Fatal("several nodes need a database on a server")
	}
	if len(i.nodes) == 0 {
		i.Hub.Settings["node"] = "node1"
		i.Hub.Settings["keys"] = i.keys()
		i.Hub.process.name = "node1"
		i.nodes = []*Hub{i.Hub}
	}
	name := fmt.Sprintf("node%d", len(i.nodes)+1)
	node := NewHub(t, i.Binary, filepath.Join(filepath.Dir(i.Data), name), i.Database)
	node.process.name = name
	for setting, value := range i.Hub.Settings {
		node.Settings[setting] = value
	}
	node.Settings["node"] = name
	node.Env = append(node.Env, i.Hub.Env...)
	i.nodes = append(i.nodes, node)
	return node
}

// keys is the folder that all nodes share: it was made by the first one, where the commands of administration look for it.
func (i *Installation) keys() string { return filepath.Join(i.Data, "keys") }

// Nodes are all hubs of the installation, the first included.
func (i *Installation) Nodes() []*Hub {
	if len(i.nodes) == 0 {
		return []*Hub{i.Hub}
	}
	return i.nodes
}

// StartNodes starts the bank and all nodes at the same moment.
func (i *Installation) StartNodes(t testing.TB) {
	t.Helper()
	if !i.Bank.Running() {
		i.Bank.Start(t)
	}
	nodes := i.Nodes()
	failed := make(chan error, len(nodes))
	for _, node := range nodes {
		go func() { failed <- node.StartE() }()
	}
	for range nodes {
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
	}
}

// SetDatabase has all nodes and the administration find the database under another address from their next start on.
func (i *Installation) SetDatabase(url string) {
	i.Database, i.plan.Database = url, url
	for _, node := range i.Nodes() {
		node.Database = url
	}
}

// Name is what the hub calls itself in leases.
func (h *Hub) Name() string { return h.Settings["node"] }

// Freeze stops the hub as it stands (SIGSTOP): it keeps its connections and knows nothing of the time that passes.
func (h *Hub) Freeze(t testing.TB) {
	t.Helper()
	if err := h.process.signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
}

// Thaw lets a frozen hub go on (SIGCONT).
func (h *Hub) Thaw(t testing.TB) {
	t.Helper()
	if err := h.process.signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}
