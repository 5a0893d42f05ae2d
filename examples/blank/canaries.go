package main

import "github.com/tackhammer/tackhammer/kit/workflow"

// canaries are the errors that may be put into a draft on purpose, to see
// whether people look: review.canaries in nail.yaml says at how many cases.
// What is decided on such a draft never leaves.
func canaries() []workflow.Canary {
	return []workflow.Canary{workflow.AnotherOf("subject"), workflow.MoveDate("date")}
}
