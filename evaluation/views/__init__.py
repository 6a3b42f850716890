"""The pages of evaluation; the run's page among them, since it shows what people said of the run."""
