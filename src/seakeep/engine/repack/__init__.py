"""Room for pods that wait although the cluster has it: smaller requests, and pods moved out of the way."""
