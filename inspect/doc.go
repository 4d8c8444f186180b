// Package inspect tells what a file is and what is wrong with it: it unpacks containers
// within limits, detects the format by content, and has the right reader verify it.
package inspect
