"""What people decide: who may see what, whom numbers belong to, what is noted on calls. Django apps, one for each noun."""
