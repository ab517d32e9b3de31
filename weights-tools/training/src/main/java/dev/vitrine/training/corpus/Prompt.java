package dev.vitrine.training.corpus;

import java.util.List;

/**
 * A prompt that is held out of training, with what should follow it.
 *
 * @param combination what makes it new: no passage of the training data has this combination
 * @param text the prompt
 * @param right the tokens that may follow
 * @param wrong the tokens that the right one must beat
 */
public record Prompt(String combination, String text, List<String> right, List<String> wrong) {}
