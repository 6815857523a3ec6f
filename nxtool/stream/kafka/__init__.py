"""Messages from Kafka brokers. What is done with them is in the rooms beside."""
