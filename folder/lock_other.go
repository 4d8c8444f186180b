//go:build !unix

package folder

// Lock does nothing where the system has no flock.
func Lock(string) (unlock func(), err error) { return func() {}, nil }
