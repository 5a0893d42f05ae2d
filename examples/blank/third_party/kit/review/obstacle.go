package review

import "errors"

// Obstacle is what stands in the way of an act on a review, with nothing wrong
// with the person. ObstacleOf finds it in the kit.Conflict that refuses it.
type Obstacle string

// The obstacles.
const (
	Unfilled  Obstacle = "blind" // it is blind, and the person has not filled it in
	FullHands Obstacle = "hands" // the person holds as many reviews as one may
	InLot     Obstacle = "lot"   // its case is decided with its lot
)

var obstacleWords = map[Obstacle]string{
	Unfilled:  "it is blind: fill the fields in first",
	FullHands: "that is as many as one may hold",
	InLot:     "its case lies in a lot, which is decided as a whole",
}

// Error says it in words.
func (o Obstacle) Error() string { return obstacleWords[o] }

// ObstacleOf is what stands in the way, "" when err has none.
func ObstacleOf(err error) Obstacle {
	var o Obstacle
	errors.As(err, &o)
	return o
}
