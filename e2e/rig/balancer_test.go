package rig

import (
	"sync"
	"sync/atomic"
	"testing"
)

// As long as one node is ready every request finds it, however many others are looking for one at the same moment.
func TestBalancerFindsTheOneNodeThatIsReady(t *testing.T) {
	b := &Balancer{nodes: []*Hub{{}, {}, {}}, ready: make([]atomic.Bool, 3)}
	b.ready[1].Store(true)
	var all sync.WaitGroup
	var missed atomic.Int64
	for range 8 {
		all.Go(func() {
			for range 20_000 {
				if b.pick() != b.nodes[1] {
					missed.Add(1)
				}
			}
		})
	}
	all.Wait()
	if n := missed.Load(); n != 0 {
		t.Errorf("%d requests found no node", n)
	}
	b.ready[1].Store(false)
	if b.pick() != nil {
		t.Error("a node that is not ready was found")
	}
}
