// Package arch has no code, only tests of the shape of the whole module: what may import what, who may end the process,
// which goroutines there are, and whether the documents say what is so.
//
// Each rule is a function from parsed files to findings, and has a test on a broken example beside the test on the module:
// a rule that can't fail is no rule.
//
// Goroutines: none. Not here: what a single package promises (its own tests), generated documents (golden tests beside their generators).
package arch
