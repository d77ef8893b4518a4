"""What is fitted: experiments, interaction and priors by name, and the counts that they expect."""
